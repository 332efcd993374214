import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { parseAddress } from '../../src/event-log/eventstoredb/connection/address.js';

const read = (name: string) => readFileSync(new URL(`../../docker/${name}`, import.meta.url), 'utf8');
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- YAML is read as it comes
type Yaml = any;

function composeOf(name: string): { services: Record<string, Yaml>; volumes: Yaml; networks: Yaml } {
  return parse(read(name), { merge: true });
}

const PINNED = /^[a-z0-9/.-]+:\d+\.\d+\.\d+$/;

describe.each(['compose.single.yml', 'compose.cluster.yml'])('%s', (name) => {
  const { services, volumes, networks } = composeOf(name);
  const all = Object.entries(services);

  test('pins every version', () => {
    for (const [, { image }] of all) expect(image).toMatch(PINNED);
  });

  test('names only volumes and networks that it declares', () => {
    const declared = { ...volumes, ...networks, ...services };
    for (const [, service] of all) {
      const folders = (service.volumes ?? []).map((volume: string) => volume.split(':')[0]);
      const named = [...folders, ...(service.networks ?? []), ...Object.keys(service.depends_on ?? {})];
      for (const name of named) expect(declared).toHaveProperty(name);
    }
  });

  test('looks after the health of every store, and publishes on loopback only', () => {
    for (const [service, { healthcheck, ports = [] }] of all) {
      if (service.startsWith('kurrentdb')) expect(healthcheck.test.join(' ')).toContain('/health/live');
      for (const port of ports as string[]) expect(port).toMatch(/^127\.0\.0\.1:/);
    }
  });

  test('gives the orchestrators a connection string that the adapter takes', () => {
    const orchestrators = all.filter(([service]) => service.startsWith('orchestrator'));
    for (const [, { environment }] of orchestrators) {
      const url = String(environment.ORCH_EVENTSTORE_URL).replace('${KURRENTDB_ADMIN_PASSWORD}', 'secret');
      expect(parseAddress(url).shown).not.toContain('secret');
    }
  });
});

test('the cluster has three nodes and two orchestrators, each with data of its own', () => {
  const { services } = composeOf('compose.cluster.yml');
  const names = Object.keys(services);
  expect(names.filter((service) => service.startsWith('kurrentdb-'))).toHaveLength(3);
  expect(names.filter((service) => service.startsWith('orchestrator-'))).toHaveLength(2);
  const data = Object.values(services).map(({ volumes }) =>
    volumes.find((volume: string) => volume.includes('-data:')),
  );
  const own = data.filter((volume) => volume !== undefined);
  expect(new Set(own).size).toBe(own.length);
});

test('the image runs as somebody who is not root, with a health check and nothing that only the build needs', () => {
  const stages = read('Dockerfile')
    .split(/^FROM /m)
    .slice(1);
  const service = stages.at(-1) ?? '';
  expect(stages).toHaveLength(2);
  for (const stage of stages) expect(stage).toMatch(/^node:\d+\.\d+\.\d+-\S+ AS /);
  expect(service).toMatch(/^USER node$/m);
  expect(service).toMatch(/^HEALTHCHECK /m);
  expect(service).not.toMatch(/npm ci|g\+\+/);
  expect(stages[0]).toContain('npm prune --omit=dev');
});

import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readHookChecks } from '../../../src/effects/deploy/hook-checks.js';
import { settingsFor, type SandboxCoordinates } from '../../../src/sandbox/coordinates.js';
import { freePort } from '../../support/built/free-port.mjs';
import { World } from '../../support/running/world.js';

const SCRIPT = fileURLToPath(new URL('../../../scripts/staging-check.mjs', import.meta.url));
const WAIT_MS_MAX = 120_000;
let world: Awaited<ReturnType<typeof World.start>>;
let forge: Server | null = null;

beforeAll(async () => {
  world = await World.start(await mkdtemp(join(tmpdir(), 'staging-check-')));
}, WAIT_MS_MAX);
afterEach(() => void forge?.close());
afterAll(async () => {
  await world.end();
  await rm(dirname(world.dataDir), { recursive: true });
}, WAIT_MS_MAX);

async function check(env: Record<string, string>) {
  const host = { PATH: process.env['PATH'] ?? '' };
  const { exitCode, stdout } = await execa(process.execPath, [SCRIPT], {
    env: { ...host, ...env },
    extendEnv: false,
    reject: false,
  });
  const checks = readHookChecks(stdout);
  const failed = checks.filter(({ ok }) => !ok).map(({ check: name }) => name.split(' ')[0]);
  return { exitCode, stdout, checks, failed };
}

function settingsOf(coordinates: SandboxCoordinates, url: string): Record<string, string> {
  return {
    ...settingsFor(coordinates),
    ...{ ORCH_STAGING: 'true', STAGING_URL: url, STAGING_REPO: coordinates.repo, STAGING_WAIT_S: '60' },
    ...{ STAGING_PLANE_PROJECT: coordinates.projectId, STAGING_PERSON_TOKEN: coordinates.tokens.trackerPerson },
  };
}

const items = () => world.sandbox.itemsInTracker();

/** A forge that has the repository, but never a branch of it. */
async function forgeWithoutBranches({ push }: { readonly push: boolean }): Promise<string> {
  forge = createServer((request, response) => {
    const isRepository = /\/repos\/[^/]+\/[^/]+$/.test(request.url ?? '');
    response.writeHead(isRepository ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(isRepository ? { permissions: { admin: false, push, pull: true } } : {}));
  }).listen(0, '127.0.0.1');
  await once(forge, 'listening');
  return `http://127.0.0.1:${(forge.address() as AddressInfo).port}`;
}

describe('the staging check (ST-03)', () => {
  test(
    'passes all ten against a service with its tracker and forge, cleans up and tells no secret (ST-03, ST-04, ST-05)',
    async () => {
      const { coordinates } = world.sandbox;
      const { exitCode, stdout, checks, failed } = await check(settingsOf(coordinates, world.service.url));
      expect({ failed, exitCode }).toEqual({ failed: [], exitCode: 0 });
      expect(checks.map(({ block }) => block)).toEqual([
        ...['SMOKE', 'SMOKE', 'SMOKE', 'ACCESS', 'ACCESS', 'ACCESS', 'E2E', 'E2E', 'E2E', 'E2E'],
      ]);
      const tolerable = checks.filter(({ kind }) => kind === 'SANDBOX_INFRA').map(({ check: name }) => name);
      expect(tolerable.sort()).toEqual(['C9a branch', 'C9b analyst job']);
      expect(stdout).toContain('VERDICT SUCCESS, exit 0: all checks passed');
      expect(stdout).toMatch(/^CLEANUP issue removed, \S+ cancelled$/m);
      expect(await items()).toBe(0);
      for (const secret of [...Object.values(coordinates.tokens), coordinates.secrets.plane])
        expect(stdout).not.toContain(secret);
    },
    WAIT_MS_MAX,
  );

  test(
    'fails where the account may not push or a secret is wrong, and still removes the issue (ST-04, ST-08)',
    async () => {
      const settings = settingsOf(world.sandbox.coordinates, world.service.url);
      const broken = {
        ORCH_GITEA_URL: await forgeWithoutBranches({ push: false }),
        ORCH_PLANE_WEBHOOK_SECRET: 'another',
        STAGING_WAIT_S: '0.5',
      };
      const { exitCode, stdout, checks, failed } = await check({ ...settings, ...broken });
      expect({ failed: failed.filter((name) => name !== 'C9b'), exitCode }).toEqual({
        failed: ['B5', 'C8', 'C9a'],
        exitCode: 1,
      });
      expect(checks.find(({ check: name }) => name.startsWith('B5'))?.detail).toContain('may not push');
      expect(stdout).toMatch(/^VERDICT FAILED, exit 1: failed checks: B5 Gitea sandbox, C8 webhook$/m);
      expect(await items()).toBe(0);
    },
    WAIT_MS_MAX,
  );

  test(
    'waives a branch that does not appear while that is tolerated, and says so (ST-07, ST-10)',
    async () => {
      const settings = settingsOf(world.sandbox.coordinates, world.service.url);
      const late = { ORCH_GITEA_URL: await forgeWithoutBranches({ push: true }), STAGING_WAIT_S: '3' };
      const { exitCode, stdout, failed } = await check({ ...settings, ...late });
      expect({ failed, exitCode }).toEqual({ failed: ['C9a'], exitCode: 0 });
      expect(stdout).toMatch(/^INFRA-WAIVED C9a branch$/m);
      expect(stdout).toContain('RESULT 9/10');
    },
    WAIT_MS_MAX,
  );

  test('names a missing setting in one sentence at the checks that need it, and no others', async () => {
    const { exitCode, stdout, checks } = await check({
      ORCH_STAGING: 'true',
      STAGING_URL: `http://127.0.0.1:${await freePort()}`,
    });
    const detail = (name: string) => checks.find(({ check: own }) => own.startsWith(name))?.detail;
    expect(exitCode).toBe(1);
    expect(checks).toHaveLength(10);
    expect(detail('A1')).toBe('the service gives no answer (ECONNREFUSED)');
    expect(detail('A3')).toBe('true');
    expect(detail('B4')).toBe('STAGING_PLANE_PROJECT is not set');
    expect(stdout).toContain('CLEANUP nothing to remove');
  });
});

import { beforeEach, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolders } from '../../support/temporary-folder.js';

const SCRIPT = fileURLToPath(new URL('../../../scripts/orchestrator-deploy-hook.sh', import.meta.url));
const FAKE_HOST = fileURLToPath(new URL('./fake-host', import.meta.url));
const REVISION = 'org.opencontainers.image.revision';
const folder = temporaryFolders();
let host: string;

const file = (path: string) => join(host, path);
const read = (path: string) => (existsSync(file(path)) ? readFileSync(file(path), 'utf8').trim() : null);
const tag = (name: string) => read(`tags/orchestrator:${name}`);
const restarts = () => (read('calls') ?? '').split('\n').filter((call) => call.includes(' up ')).length;

function write(path: string, text: string): void {
  mkdirSync(dirname(file(path)), { recursive: true });
  writeFileSync(file(path), `${text}\n`);
}

/** Production and staging run `old`; staging was built anew from the commit `branch` with the code tree `tree`. */
beforeEach(async () => {
  host = await folder();
  write('production.yml', 'orchestrator:production');
  write('staging.yml', 'orchestrator:staging');
  for (const name of ['running/production.yml', 'running/staging.yml', 'tags/orchestrator:production'])
    write(name, 'old');
  write(`labels/old/${REVISION}`, 'main-before');
  write('tags/orchestrator:staging', 'new');
  write(`labels/new/${REVISION}`, 'branch');
  write('labels/new/orchestrator.code-tree', 'tree');
  write('sick', '');
  write('check-exits', '0');
});

async function hook(env: Record<string, string>) {
  const settings = {
    ...{ PATH: `${FAKE_HOST}:${process.env['PATH'] ?? ''}`, HOME: host, FAKE_HOST: host },
    ...{ COMPOSE_FILE: file('production.yml'), STAGING_COMPOSE_FILE: file('staging.yml') },
    ...{ HEALTH_URL: 'http://production.yml/health', STAGING_HEALTH_URL: 'http://staging.yml/health' },
    ...{ HEALTH_TRIES: '2', HEALTH_PAUSE_S: '0', ORCH_DEPLOY_ID: '7', ORCH_EXPECTED_REVISION: 'branch' },
  };
  const options = { env: { ...settings, ...env }, extendEnv: false, reject: false, all: true } as const;
  const { exitCode, all } = await execa('/bin/sh', [SCRIPT], options);
  return { exitCode, said: all };
}

const deploy = (env: Record<string, string> = {}) =>
  hook({ ORCH_ACTION: 'deploy', ORCH_ENVIRONMENT: 'production', ...env });
const rollBack = (env: Record<string, string> = {}) =>
  hook({ ORCH_ACTION: 'rollback', ORCH_ENVIRONMENT: 'production', ORCH_DEPLOY_ID: '8', ...env });
const stage = (env: Record<string, string> = {}) =>
  hook({ ORCH_ACTION: 'deploy', ORCH_ENVIRONMENT: 'staging', ORCH_EXPECTED_TREE: 'tree', ...env });

describe('production', () => {
  test('runs the very image that staging tested, and keeps the one that ran before (DEP-15, DEP-17, DEP-24)', async () => {
    expect((await deploy()).exitCode).toBe(0);
    expect(read('running/production.yml')).toBe('new');
    expect(tag('rollback')).toBe('old');
    expect(read('calls')).not.toMatch(/^build/m);
  });

  test('takes the image of another commit of the same code, as the merge commit is (IMG-02)', async () => {
    expect((await deploy({ ORCH_EXPECTED_REVISION: 'merge', ORCH_EXPECTED_TREE: 'tree' })).exitCode).toBe(0);
    expect(read('running/production.yml')).toBe('new');
  });

  test.each([
    ['is of another revision', {}, { ORCH_EXPECTED_REVISION: 'other', ORCH_EXPECTED_TREE: 'other' }],
    ['has no label', { 'tags/orchestrator:staging': 'unlabelled' }, {}],
    [
      'has an empty label where nothing is expected',
      { [`labels/new/${REVISION}`]: '' },
      { ORCH_EXPECTED_REVISION: '' },
    ],
  ])('is left untouched when the staging image %s (DEP-16)', async (_case, files, env) => {
    for (const [path, text] of Object.entries(files)) write(path, text);
    const { exitCode, said } = await deploy(env);
    expect({ exitCode, restarts: restarts(), rollback: tag('rollback') }).toEqual({
      exitCode: 1,
      restarts: 0,
      rollback: null,
    });
    expect(said).toContain('nothing was changed');
    expect(tag('production')).toBe('old');
  });

  test('that is not healthy gets back what ran before: 1 (DEP-13)', async () => {
    write('sick', 'new');
    const { exitCode, said } = await deploy();
    expect({ exitCode, running: read('running/production.yml') }).toEqual({ exitCode: 1, running: 'old' });
    expect(said).toContain('the image that ran before runs again');
  });

  test('that is not healthy with what ran before either needs a person: 2 (DEP-13)', async () => {
    write('sick', 'new\nold');
    const { exitCode, said } = await deploy();
    expect(exitCode).toBe(2);
    expect(said).toContain('a person must look');
  });

  test('answers the same deploy id with the same end and does nothing again (AMB-53)', async () => {
    write('sick', 'new');
    await deploy();
    const before = restarts();
    write('sick', '');
    expect((await deploy()).exitCode).toBe(1);
    expect({ restarts: restarts(), running: read('running/production.yml') }).toEqual({
      restarts: before,
      running: 'old',
    });
    expect((await deploy({ ORCH_DEPLOY_ID: '9' })).exitCode).toBe(0);
  });

  test('goes on after an attempt that was cut off, and still knows what ran before it (AMB-53)', async () => {
    write('.orchestrator/hook/snapshot-7', '');
    write('tags/orchestrator:rollback', 'old');
    write('running/production.yml', 'new');
    write('sick', 'new');
    expect((await deploy()).exitCode).toBe(1);
    expect(read('running/production.yml')).toBe('old');
  });
});

describe('a rollback', () => {
  test('runs what ran before the deploy, once', async () => {
    await deploy();
    expect((await rollBack({ ORCH_EXPECTED_REVISION: 'main-before' })).exitCode).toBe(0);
    expect(read('running/production.yml')).toBe('old');
    const before = restarts();
    expect((await rollBack({ ORCH_EXPECTED_REVISION: 'main-before' })).exitCode).toBe(0);
    expect(restarts()).toBe(before);
  });

  test('leaves everything and asks for a person when the kept image is not the revision to go back to', async () => {
    await deploy();
    expect((await rollBack({ ORCH_EXPECTED_REVISION: 'long-ago' })).exitCode).toBe(2);
    expect(read('running/production.yml')).toBe('new');
  });
});

describe('staging', () => {
  test('is built with its labels, started and checked inside (DEP-14, IMG-01, ST-02)', async () => {
    expect((await stage({ ORCH_EXPECTED_REVISION: 'abc' })).exitCode).toBe(0);
    expect(read('running/staging.yml')).toBe('built-abc');
    expect(read(`labels/built-abc/${REVISION}`)).toBe('abc');
    expect(read('calls')).toMatch(/^compose .* exec -T orchestrator node scripts\/staging-check\.mjs$/m);
  });

  test('whose check fails is a failed hook', async () => {
    write('check-exits', '1');
    expect((await stage()).exitCode).toBe(1);
  });

  test('that cannot be built or is not healthy leaves the earlier staging running', async () => {
    write('build-fails', '');
    expect((await stage({ ORCH_EXPECTED_REVISION: 'abc' })).said).toContain('nothing was changed');
    await execa('rm', [file('build-fails')]);
    write('sick', 'built-abc');
    expect((await stage({ ORCH_EXPECTED_REVISION: 'abc' })).exitCode).toBe(1);
    expect(read('running/staging.yml')).toBe('new');
  });
});

test('an unknown action, and settings that are missing, change nothing and say what is wrong', async () => {
  const wrong = await hook({ ORCH_ACTION: 'destroy', ORCH_ENVIRONMENT: 'production' });
  const nowhere = await deploy({ COMPOSE_FILE: '' });
  expect([wrong.exitCode, nowhere.exitCode]).toEqual([1, 1]);
  expect(wrong.said).toContain('the action "destroy" of "production" is not known');
  expect(nowhere.said).toContain('COMPOSE_FILE is not set');
  expect(read('calls')).toBeNull();
});

test('the image carries the labels that the hook looks at (IMG-01)', () => {
  const dockerfile = readFileSync(new URL('../../../docker/Dockerfile', import.meta.url), 'utf8');
  const final = dockerfile.slice(dockerfile.lastIndexOf('FROM '));
  expect(final).toMatch(
    /^ARG GIT_SHA=\nARG CODE_TREE=\nLABEL org\.opencontainers\.image\.revision=\$GIT_SHA orchestrator\.code-tree=\$CODE_TREE$/m,
  );
});

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { parse } from 'shell-quote';
import { ask, SandboxInTest } from '../support/sandbox/sandbox-in-test.js';
import { WorkingCopy } from '../support/sandbox/working-copy.js';

let world: SandboxInTest;
let copy: WorkingCopy;

beforeEach(async () => {
  world = await SandboxInTest.start();
  const { forgeUrl, owner, repo, tokens } = world.sandbox;
  copy = await WorkingCopy.clone(`${forgeUrl}/${owner}/${repo}.git`, tokens.forgeBot);
});
afterEach(async () => {
  await copy.remove();
  await world.end();
});

/** As the orchestrator does: in a checkout of the revision, with nothing but the hook's environment. */
async function hook(command = '', env: Record<string, string> = {}) {
  const [program = '', ...args] = parse(command) as string[];
  const path = process.env['PATH'] ?? '';
  const { exitCode, stdout } = await execa(program, args, {
    ...{ cwd: copy.directory, env: { PATH: path, ...env }, extendEnv: false, reject: false },
  });
  const checks = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { exitCode, checks };
}

const head = () => copy.git('rev-parse', 'HEAD');
const deployed = (environment: string, file: string) =>
  join(world.sandbox.environmentsDir, 'sandbox', environment, file);
const health = (url = '') => ask('GET', url, {});

describe('the hook of the sample project', () => {
  test('puts the checked out revision live and says so check by check', async () => {
    const { staging } = world.sandbox.project;
    expect((await health(staging?.healthUrl)).status).toBe(503);
    const { exitCode, checks } = await hook(staging?.command, { ORCH_EXPECTED_REVISION: await head() });
    expect(exitCode).toBe(0);
    expect(checks.every(({ ok, kind, check }) => ok === true && kind === 'REAL' && typeof check === 'string')).toBe(
      true,
    );
    expect((await health(staging?.healthUrl)).body).toMatchObject({ status: 'ok', revision: await head() });
    expect((await execa('sh', ['-c', staging?.revisionCommand ?? ''])).stdout).toBe(await head());
    expect(existsSync(deployed('staging', 'current/src/price.js'))).toBe(true);
  });

  test('refuses a checkout that is not the expected revision', async () => {
    const { exitCode } = await hook(world.sandbox.project.staging?.command, { ORCH_EXPECTED_REVISION: 'f'.repeat(40) });
    expect(exitCode).toBe(1);
    expect(existsSync(deployed('staging', 'REVISION'))).toBe(false);
  });

  test('brings back what was live when a deployment fails, and asks for a person when told that it cannot', async () => {
    const { production } = world.sandbox.project;
    await hook(production?.command);
    const before = await head();
    const after = await copy.pushBranch('next', { 'README.md': 'next\n' });
    await world.sandbox.failNextDeploy('production', 1);
    expect((await hook(production?.command)).exitCode).toBe(1);
    expect((await readFile(deployed('production', 'REVISION'), 'utf8')).trim()).toBe(before);
    await world.sandbox.failNextDeploy('production', 2);
    expect((await hook(production?.command)).exitCode).toBe(2);
    expect((await hook(production?.command)).exitCode).toBe(0);
    expect((await readFile(deployed('production', 'REVISION'), 'utf8')).trim()).toBe(after);
  });

  test('rolls back to the revision that it is told', async () => {
    const { production } = world.sandbox.project;
    await hook(production?.command);
    const before = await head();
    await copy.pushBranch('next', { 'README.md': 'next\n' });
    await hook(production?.command);
    const rollback = await hook(production?.rollbackCommand, {
      ORCH_PREVIOUS_REVISION: before,
      ORCH_ENVIRONMENT: 'production',
    });
    expect(rollback.exitCode).toBe(0);
    expect((await readFile(deployed('production', 'REVISION'), 'utf8')).trim()).toBe(before);
  });

  test('a revision whose code cannot be loaded is unhealthy', async () => {
    const { staging } = world.sandbox.project;
    await hook(staging?.command);
    const before = await head();
    await copy.pushBranch('broken', { 'src/price.js': 'export const quote = (;\n' });
    expect((await hook(staging?.command)).exitCode).toBe(1);
    expect((await readFile(deployed('staging', 'REVISION'), 'utf8')).trim()).toBe(before);
  });

  test('an environment can be made sick after it was deployed', async () => {
    const { production } = world.sandbox.project;
    await hook(production?.command);
    world.sandbox.environments.makeSick('sandbox', 'production', true);
    expect((await health(production?.healthUrl)).status).toBe(503);
  });
});

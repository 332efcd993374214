import { describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LocalHooks } from '../../../src/effects/deploy/local-hooks.js';
import { RunDirectory } from '../../../src/queue/supervisor/run-directory.js';
import { Supervisor } from '../../../src/queue/supervisor/supervisor.js';
import { temporaryFolders } from '../../support/temporary-folder.js';
import { Deploying } from './deploying.js';

const folder = temporaryFolders();
const CLOCK = { now: () => Date.now() };
const HOOKS = new LocalHooks({ supervisor: new Supervisor(), clock: CLOCK, host: 'here' });

/** One orchestrator with a log of its own, whose production hook is this command. */
async function deploying(command: string): Promise<{ readonly deploy: Deploying; readonly dataDir: string }> {
  const dataDir = await folder();
  const deploy = new Deploying({ dataDir, checkout: dataDir, command }, HOOKS);
  return { deploy, dataDir };
}

/** The orchestrator died between the description of the run and the start of its supervisor. */
async function describedOnly(command: string) {
  const [dataDir, prepared, id] = [await folder(), await folder(), randomUUID()];
  const run = new RunDirectory(join(dataDir, 'runs', 'deploy-185'));
  await run.create();
  const clocks = { timeoutMs: 30_000, silenceMs: 30_000, killGraceMs: 1_000, lingerMs: 0 };
  const env = { PATH: process.env['PATH'] ?? '', ORCH_RUN_ID: `deploy-${id}` };
  const program = { command: '/bin/sh', args: ['-c', command], cwd: prepared, env };
  await run.writeSpec({ ...program, ...clocks, runId: `deploy-${id}`, fence: 185 });
  const place = { dataDir, checkout: '/nowhere', command };
  return { deploy: new Deploying(place, HOOKS, id), prepared, run };
}

describe('a deploy', () => {
  test('tells its hook what to deploy and what was there before, and nothing of ours', async () => {
    const { deploy, dataDir } = await deploying('env > told');
    await deploy.act();
    const told = await readFile(join(dataDir, 'told'), 'utf8');
    for (const line of [
      'ORCH_ACTION=deploy',
      'ORCH_ENVIRONMENT=production',
      'ORCH_DEPLOY_ID=185',
      'ORCH_REPO=sandbox',
    ]) {
      expect(told).toContain(`${line}\n`);
    }
    expect(told).toContain('ORCH_EXPECTED_REVISION=c0ffee\n');
    expect(told).toContain('ORCH_EXPECTED_TREE=7ree\n');
    expect(told).toContain('ORCH_PREVIOUS_REVISION=be4\n');
    expect(told).not.toMatch(/TOKEN|SECRET/);
    expect(deploy.started).toHaveLength(1);
    expect(deploy.ended).toMatchObject([{ exitCode: 0, stoppedBecause: null }]);
  });

  test('of another orchestrator on the same host, with the same number, is not touched when this one ends', async () => {
    const [slow, quick] = await Promise.all([deploying('sleep 2'), deploying('sleep 0.5')]);
    await Promise.all([slow.deploy.act(), quick.deploy.act()]);
    expect(quick.deploy.ended).toMatchObject([{ exitCode: 0 }]);
    expect(slow.deploy.ended).toMatchObject([{ exitCode: 0 }]);
  });

  test('that was started by an orchestrator that died is found again, and its hook is not run twice [DEP-21, DEP-28]', async () => {
    const { deploy, dataDir } = await deploying('echo run >> runs-of-hook; sleep 1; exit 1');
    const dying = new AbortController();
    const first = deploy.act(dying.signal).catch(() => undefined);
    while (deploy.started.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    dying.abort();
    await first;
    await deploy.act();
    expect(await readFile(join(dataDir, 'runs-of-hook'), 'utf8')).toBe('run\n');
    expect(deploy.ended).toMatchObject([{ exitCode: 1 }]);
  });

  test('never reads what another log left behind under its number [AMB-53, DEP-10]', async () => {
    const { deploy, dataDir } = await deploying('exit 1');
    const leftOver = new RunDirectory(join(dataDir, 'runs', 'deploy-185'));
    await mkdir(leftOver.path, { recursive: true });
    const supervisor = { pid: 1, startTicks: 1, bootId: 'long ago' };
    await leftOver.claim({ runId: 'deploy-of-before', fence: 185, supervisor, process: null });
    const times = { startedAt: '2020-01-01T00:00:00.000Z', endedAt: '2020-01-01T00:00:00.000Z' };
    const end = { exitCode: 0, signal: null, stoppedBecause: null, stopRequest: null, survivors: [], ...times };
    await leftOver.recordExit({ runId: 'deploy-of-before', fence: 185, ...end });
    await writeFile(leftOver.stdout, 'healthy');
    await deploy.act();
    expect(deploy.ended).toMatchObject([{ exitCode: 1 }]);
  });

  test('that was only described by an orchestrator that died begins from what is there, once', async () => {
    const { deploy, prepared } = await describedOnly('echo run >> runs-of-hook');
    await deploy.act();
    expect(await readFile(join(prepared, 'runs-of-hook'), 'utf8')).toBe('run\n');
    expect(deploy.ended).toMatchObject([{ exitCode: 0 }]);
  });

  test('that was only described, of a repository that was frozen meanwhile, never begins: a supervisor that is late finds it taken', async () => {
    const { deploy, prepared, run } = await describedOnly('touch deployed');
    deploy.clearance = { kind: 'held', reason: 'sandbox is frozen: production is degraded' };
    await deploy.act();
    expect(deploy.failed).toEqual(['sandbox is frozen: production is degraded']);
    const late = { pid: 1, startTicks: 1, bootId: 'a supervisor that is late' };
    expect(await run.claim({ runId: 'late', fence: 185, supervisor: late, process: null })).toBe(false);
    await expect(readFile(join(prepared, 'deployed'))).rejects.toThrow('ENOENT');
  });

  test('of a repository that was frozen between the request and the start is not started', async () => {
    const { deploy, dataDir } = await deploying('touch deployed');
    deploy.clearance = { kind: 'held', reason: 'sandbox is frozen: production is degraded' };
    await deploy.act();
    expect(deploy.failed).toEqual(['sandbox is frozen: production is degraded']);
    await expect(readFile(join(dataDir, 'deployed'))).rejects.toThrow('ENOENT');
  });

  test('that does not end is stopped, has failed, and wants a person', async () => {
    const { deploy } = await deploying('sleep 60');
    deploy.timeoutMs = 500;
    await deploy.act();
    expect(deploy.ended[0]?.stoppedBecause).toMatch(/^timeout.*a person must look$/);
  });
});

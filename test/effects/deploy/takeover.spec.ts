import { describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LocalHooks } from '../../../src/effects/deploy/local-hooks.js';
import type { RecordedEvent } from '../../../src/kernel/event.js';
import type { ProcessSpec } from '../../../src/integrations/agent-runner.js';
import { RunDirectory } from '../../../src/queue/supervisor/run-directory.js';
import { RunNotStarted, Supervisor } from '../../../src/queue/supervisor/supervisor.js';
import { temporaryFolders } from '../../support/temporary-folder.js';
import { until } from '../../support/until.js';
import { Deploying } from './deploying.js';

const folder = temporaryFolders();
const CLOCK = { now: () => Date.now() };
const FROZEN = { kind: 'held', reason: 'sandbox is frozen: production is degraded' } as const;

interface Pair {
  readonly old: Deploying;
  readonly next: Deploying;
  /** Where the hook of either writes. */
  readonly file: (name: string) => Promise<string>;
  readonly oldRun: RunDirectory;
}

/** Two orchestrators with one log and a data folder each; the second takes over from the first. */
async function pair(command: string, { nextHost = 'here', supervisor = new Supervisor() } = {}): Promise<Pair> {
  const [place, oldData, nextData] = [await folder(), await folder(), await folder()];
  const claims: RecordedEvent[] = [];
  const id = randomUUID();
  const hooks = (host: string) =>
    new LocalHooks({ supervisor: host === 'here' ? supervisor : new Supervisor(), clock: CLOCK, host });
  const of = (name: string, host: string, dataDir: string) =>
    new Deploying({ dataDir, checkout: place, command, name, host }, hooks(host), id, claims);
  return {
    old: of('old', 'here', oldData),
    next: of('next', nextHost, nextData),
    file: (name) => readFile(join(place, name), 'utf8'),
    oldRun: new RunDirectory(join(oldData, 'runs', 'deploy-185')),
  };
}

/** Led until its hook was under way. */
async function ledUntilStarted(deploy: Deploying): Promise<void> {
  const replaced = new AbortController();
  const acting = deploy.act(replaced.signal).catch(() => undefined);
  await until(() => deploy.started.length > 0, 'the hook is under way');
  replaced.abort();
  await acting;
}

describe('An orchestrator that takes over a deploy on the same host', () => {
  test('waits for the hook that the one before has started, and tells how it ended [DEP-06, DEP-21]', async () => {
    const { old, next, file } = await pair('echo run >> runs-of-hook; sleep 1; exit 1');
    await ledUntilStarted(old);
    await next.act();
    expect(await file('runs-of-hook')).toBe('run\n');
    expect(next.ended).toMatchObject([{ exitCode: 1, stoppedBecause: null }]);
    expect(next.started).toMatchObject([{ pid: old.started[0]?.pid }]);
  });

  test('finds the result of a hook that ended while nobody led', async () => {
    const { old, next, file, oldRun } = await pair('echo run >> runs-of-hook; exit 2');
    await ledUntilStarted(old);
    await until(async () => (await oldRun.exit()) !== null, 'the hook has ended');
    await next.act();
    expect(await file('runs-of-hook')).toBe('run\n');
    expect(next.ended).toMatchObject([{ exitCode: 2 }]);
  });

  test('starts what the one before had only claimed; and when that one wakes, it starts nothing', async () => {
    const { old, next, file } = await pair('echo run >> runs-of-hook');
    await old.claimOnly();
    await next.act();
    await old.act();
    expect(await file('runs-of-hook')).toBe('run\n');
    expect(next.ended).toMatchObject([{ exitCode: 0 }]);
  });

  test('calls off what must not start any more; and when the one before wakes, it starts nothing', async () => {
    const { old, next, file } = await pair('touch deployed');
    await old.claimOnly();
    next.clearance = FROZEN;
    await next.act();
    expect(next.failed).toEqual([FROZEN.reason]);
    await old.act();
    expect(old.failed).toEqual([FROZEN.reason]);
    await expect(file('deployed')).rejects.toThrow('ENOENT');
  });

  test('does not call off what runs already, although the repository is frozen by now', async () => {
    const { old, next, file } = await pair('sleep 1; touch deployed');
    await ledUntilStarted(old);
    next.clearance = FROZEN;
    await next.act();
    expect(next.ended).toMatchObject([{ exitCode: 0 }]);
    expect(await file('deployed')).toBe('');
  });

  test('reads the result of exactly this attempt, not of another one under the same number [AMB-53]', async () => {
    const { old, next, file, oldRun } = await pair('echo run >> runs-of-hook; exit 1');
    await old.claimOnly();
    await mkdir(oldRun.path, { recursive: true });
    const supervisor = { pid: 1, startTicks: 1, bootId: 'long ago' };
    await oldRun.claim({ runId: 'deploy-of-another-log', fence: 185, supervisor, process: null });
    const now = new Date().toISOString();
    const manner = { signal: null, stoppedBecause: null, stopRequest: null, survivors: [] };
    const end = { exitCode: 0, ...manner, startedAt: now, endedAt: now };
    await oldRun.recordExit({ runId: 'deploy-of-another-log', fence: 185, ...end });
    await writeFile(oldRun.stdout, 'healthy');
    await next.act();
    expect(next.ended).toMatchObject([{ exitCode: 1 }]);
    expect(await file('runs-of-hook')).toBe('run\n');
  });
});

describe('An orchestrator that takes over a deploy from another host', () => {
  test('never starts it, waits as long as it may run there, and then wants a person', async () => {
    const { old, next, file } = await pair('echo run >> runs-of-hook; sleep 1', { nextHost: 'there' });
    await ledUntilStarted(old);
    next.timeoutMs = 1_500;
    await next.act();
    expect(next.ended).toMatchObject([{ exitCode: null }]);
    expect(next.ended[0]?.stoppedBecause).toMatch(
      /^it was begun on here, .* nobody knows how it ended; a person must look$/,
    );
    expect(await file('runs-of-hook')).toBe('run\n');
  });

  test('does likewise where the folder of the one before is gone', async () => {
    const { old, next, oldRun } = await pair('exit 0');
    await old.claimOnly();
    await rm(join(oldRun.path, '..', '..'), { recursive: true });
    next.timeoutMs = 200;
    await next.act();
    expect(next.ended).toMatchObject([{ exitCode: null }]);
  });
});

/** The host is so busy that nobody has heard of the supervisor in time; it comes all the same. */
class LateSupervisor extends Supervisor {
  late: (() => Promise<unknown>) | null = null;

  override async start(runDirectory: string, spec: ProcessSpec, fence: number): Promise<never> {
    const run = new RunDirectory(runDirectory);
    await run.create();
    await run.writeSpec({ ...spec, runId: spec.env['ORCH_RUN_ID'] ?? '', fence });
    this.late = () => super.start(runDirectory, spec, fence);
    throw new RunNotStarted(runDirectory, 'no supervisor within 20000 ms');
  }
}

test('a hook whose supervisor did not come up in time has not started for certain: one that comes later finds it called off [UNK-41]', async () => {
  const supervisor = new LateSupervisor();
  const { old, file } = await pair('touch deployed', { supervisor });
  await old.act();
  expect(old.failed).toMatchObject([expect.stringMatching(/no supervisor within/)]);
  await supervisor.late?.().catch(() => undefined);
  await old.act();
  expect(old.ended).toEqual([]);
  await expect(file('deployed')).rejects.toThrow('ENOENT');
});

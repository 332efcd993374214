import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identify, isAlive } from '../../src/queue/supervisor/process-identity.js';
import { BareOrchestrator } from '../support/running/bare-orchestrator.js';
import { temporaryFolders } from '../support/temporary-folder.js';
import { until } from '../support/until.js';

const SCENARIO_MS_MAX = 180_000;
const folder = temporaryFolders();
let orchestrator: BareOrchestrator;
beforeEach(async () => {
  orchestrator = new BareOrchestrator(await folder());
});
afterEach(async () => {
  expect(await orchestrator.end()).toEqual([]);
}, SCENARIO_MS_MAX);

async function outcomesOf(workItem: string): Promise<readonly string[]> {
  const ends = ['JobSucceeded', 'JobRequeued', 'JobFailed', 'JobCancelled', 'JobReaped', 'JobSuspected'];
  const events = (await orchestrator.events(...ends)).filter(({ metadata }) => metadata.$correlationId === workItem);
  return events.map(({ type }) => type);
}

const POINTS = {
  'before the worktree': 'SOAK-001',
  'before the start': 'SOAK-002',
  'behind the start': 'SOAK-003',
  'behind the exit': 'SOAK-004',
  'before the push': 'SOAK-005',
  'behind the push': 'SOAK-006',
  'behind the pull request': 'SOAK-007',
};

test(
  'an orchestrator that is killed at any point between claim and outcome leaves jobs that end once, each with one agent',
  async () => {
    await orchestrator.start({ haltAt: POINTS });
    const items = Object.values(POINTS).map(() => orchestrator.open('work'));
    for (const _ of items) await orchestrator.says('halted');
    await orchestrator.kill();
    await orchestrator.start({ haltAt: { 'during the start': 'SOAK-008' } });
    items.push(orchestrator.open('work'));
    await orchestrator.says('halted');
    await orchestrator.kill();
    await orchestrator.start();
    for (const item of items) await orchestrator.happens('JobSucceeded', item);
    for (const item of items) expect(await outcomesOf(item)).toEqual(['JobSucceeded']);
    expect(await orchestrator.violations()).toEqual([]);
    const starts = readFileSync(join(orchestrator.folder, 'agents'), 'utf8').trim().split('\n');
    expect(starts).toHaveLength(items.length);
  },
  SCENARIO_MS_MAX,
);

test(
  'an agent, a supervisor, or both, killed in the middle of their output cost the job one attempt, at once and without the reaper',
  async () => {
    await orchestrator.start({ env: { ORCH_REAPER_INTERVAL_S: '60' } });
    const kinds = [['agent'], ['supervisor'], ['supervisor', 'agent']] as const;
    const items = kinds.map(() => orchestrator.open('waits'));
    for (const [index, item] of items.entries()) {
      const { data } = await orchestrator.happens('RunStarted', item);
      const output = join(orchestrator.dataDir, data.runDirectory, 'stdout.ndjson');
      await until(() => readFileSync(output, 'utf8').includes('init'), 'the agent has said something', 20_000);
      for (const kind of kinds[index] ?? []) orchestrator.killIn(data.runId, kind);
    }
    for (const item of items) await orchestrator.happens('RunStarted', item, 2);
    orchestrator.letGo();
    for (const item of items) {
      expect((await orchestrator.happens('JobSucceeded', item)).data.fence).toBeGreaterThan(1);
      expect(await outcomesOf(item)).toEqual(['JobRequeued', 'JobSucceeded']);
    }
    const failures = (await orchestrator.events('RunEnded')).flatMap(({ data }) => data.failure?.class ?? []);
    expect(failures.sort()).toEqual(['crash', 'orphaned', 'orphaned']);
    expect(await orchestrator.violations()).toEqual([]);
  },
  SCENARIO_MS_MAX,
);

describe('nobody who lives is taken for dead', () => {
  test(
    'not an agent and its supervisor that are stopped for many looks of the reaper (SC-11, TC-02)',
    async () => {
      await orchestrator.start();
      const item = orchestrator.open('waits');
      const { data } = await orchestrator.happens('RunStarted', item);
      const { supervisor, process: agent } = orchestrator.record(data.runId);
      const pids = [supervisor.pid, agent?.pid ?? 0];
      for (const pid of pids) process.kill(pid, 'SIGSTOP');
      await orchestrator.looks(6);
      expect(await outcomesOf(item)).toEqual([]);
      for (const pid of pids) process.kill(pid, 'SIGCONT');
      orchestrator.letGo();
      await orchestrator.happens('JobSucceeded', item);
      expect(await outcomesOf(item)).toEqual(['JobSucceeded']);
    },
    SCENARIO_MS_MAX,
  );

  test(
    'not while the orchestrator itself could not look for longer than many ticks, and a death meanwhile is told once',
    async () => {
      await orchestrator.start();
      const [alive, dying] = [orchestrator.open('waits'), orchestrator.open('waits')];
      await orchestrator.happens('RunStarted', alive);
      const { data } = await orchestrator.happens('RunStarted', dying);
      orchestrator.tell({ blockMs: 2_000 });
      await orchestrator.says('blocking');
      orchestrator.killIn(data.runId, 'supervisor');
      await orchestrator.says('blocked');
      await orchestrator.happens('RunStarted', dying, 2);
      orchestrator.letGo();
      for (const item of [alive, dying]) await orchestrator.happens('JobSucceeded', item);
      expect(await outcomesOf(alive)).toEqual(['JobSucceeded']);
      expect((await outcomesOf(dying)).slice(-2)).toEqual(['JobRequeued', 'JobSucceeded']);
      expect(await orchestrator.violations()).toEqual([]);
    },
    SCENARIO_MS_MAX,
  );

  test(
    'and nobody who is dead for alive because a stranger has his number by now, and the stranger is left alone (AMB-13, SC-12)',
    async () => {
      await orchestrator.start();
      const item = orchestrator.open('waits');
      const { data } = await orchestrator.happens('RunStarted', item);
      await orchestrator.kill();
      const before = orchestrator.record(data.runId);
      for (const kind of ['supervisor', 'agent'] as const) orchestrator.killIn(data.runId, kind);
      await until(() => isAlive(before.process) === 'dead', 'the agent is dead');
      const stranger = spawn('sleep', ['300']);
      const pid = stranger.pid ?? 0;
      const forged = { supervisor: { ...before.supervisor, pid }, process: { ...before.process, pid } };
      writeFileSync(orchestrator.recordPath(data.runId), JSON.stringify({ ...before, ...forged }));
      orchestrator.letGo();
      await orchestrator.start();
      await orchestrator.happens('JobSucceeded', item);
      expect(await outcomesOf(item)).toEqual(['JobRequeued', 'JobSucceeded']);
      expect(isAlive(identify(pid))).toBe('alive');
      stranger.kill('SIGKILL');
      expect(await orchestrator.violations()).toEqual([]);
    },
    SCENARIO_MS_MAX,
  );
});

test(
  'a job that is cancelled while its worktree is made never gets an agent',
  async () => {
    await orchestrator.start({ haltAt: { 'behind the worktree': 'SOAK-001' } });
    const item = orchestrator.open('work');
    await orchestrator.says('halted');
    orchestrator.cancel(item);
    await orchestrator.happens('RunStopped', item);
    orchestrator.tell({ go: true });
    await orchestrator.happens('StaleOutcomeRefused', item);
    expect(await outcomesOf(item)).toEqual(['JobCancelled']);
    expect(existsSync(join(orchestrator.folder, 'agents'))).toBe(false);
  },
  SCENARIO_MS_MAX,
);

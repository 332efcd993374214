import { describe, expect, test } from '@jest/globals';
import { GATE_PARTS, gateApplies } from '../../src/domain/admission/serial-gate.js';
import { GATES, STAGES } from '../../src/kernel/pipeline/stage.js';
import { repoQueues } from '../../src/projections/queue/repo-queue.js';
import { answer, fresh } from '../support/lives/admission-history.js';
import { GatedYard } from '../support/lives/gated-yard.js';
import { policyWith } from '../support/policy.js';

const ENDURO = 'enduro-trails';

/** Gate and freeze on, every repository, no dependencies. */
function policy(serialGate: Parameters<typeof policyWith>[0]['serialGate'] = {}) {
  return policyWith({ serialGate: { dependenciesEnabled: false, ...serialGate } });
}

describe('ORCH-088', () => {
  test('TC-01: a newer task waits behind an active one, and the queue shows both (SG-01, SG-10, SG-32)', async () => {
    const yard = new GatedYard(policy());
    await yard.task('ORCH-001', 'development');
    const { job } = await yard.waiting('ORCH-002');
    expect(await yard.claim()).toBeNull();
    expect(await yard.repo()).toMatchObject({
      active_task: { work_item_id: 'ORCH-001', stage: 'development' },
      waiting: [{ job_id: job, work_item_id: 'ORCH-002', stage: 'analysis', blocked_by: 'ORCH-001' }],
    });
  });

  test('TC-02: the gate applies to every repository, or to those on the list, or to none when it is off (SG-16)', () => {
    const applies = (switches: ReturnType<typeof policy>) =>
      ['orchestrator', ENDURO].map((repo) => gateApplies(repo, switches.serialGate));
    expect(applies(policy())).toEqual([true, true]);
    expect(applies(policy({ repos: ['orchestrator'] }))).toEqual([true, false]);
    expect(applies(policy({ enabled: false }))).toEqual([false, false]);
  });

  test.each(['architect', 'developer', 'reviewer', 'tester', 'deployer'])(
    'TC-03: the %s of the active task is claimed while an analysis waits (SG-02)',
    async (agent) => {
      const yard = new GatedYard(policy());
      const active = await yard.task('ORCH-001', 'development');
      await yard.waiting('ORCH-002');
      const job = await yard.job(active, agent);
      expect(await yard.claim()).toBe(job);
      expect(await yard.claim()).toBeNull();
    },
  );

  test('TC-08: an active task gates nobody in another repository (SG-12, SC-26)', async () => {
    const yard = new GatedYard(policy());
    await yard.task('ORCH-001', 'development');
    const { job } = await yard.waiting('ET-001', ENDURO);
    expect(await yard.claim()).toBe(job);
  });

  test('TC-15: with the gate off an active predecessor gates nobody (SG-18, KS-11)', async () => {
    const yard = new GatedYard(policy({ enabled: false }));
    await yard.task('ORCH-001', 'development');
    const { job } = await yard.waiting('ORCH-002');
    expect(await yard.claim()).toBe(job);
  });

  test('TC-16: a repository that is not on the list is not gated (SG-13, SG-42)', async () => {
    const yard = new GatedYard(policy({ repos: [ENDURO] }));
    await yard.task('ORCH-001', 'development');
    const { job } = await yard.waiting('ORCH-002');
    expect(await yard.claim()).toBe(job);
  });

  test('TC-17: when the part that looks at active tasks fails, the gate is open (SG-19, QU-15)', () => {
    const broken = () => {
      throw new TypeError('the list of tasks is broken');
    };
    expect(answer(fresh(1, 2), 2).kind).toBe('wait');
    expect(answer(fresh(1, 2), 2, { ...GATE_PARTS, activeTasks: broken })).toEqual({
      kind: 'admit',
      faults: [{ part: 'activeTasks', direction: 'opens', error: 'the list of tasks is broken', workItem: 'ET-002' }],
    });
  });

  test('TC-19: the queue shows the switches and every repository (SG-31, SG-35, SG-49)', async () => {
    const yard = new GatedYard(policy({ repos: ['orchestrator', ENDURO] }));
    const gate = await yard.gate();
    expect(gate).toMatchObject({ enabled: true, freeze_enabled: true, repos: `orchestrator,${ENDURO}` });
    expect(Object.keys(gate.per_repo)).toEqual([ENDURO, 'orchestrator']);
  });

  test('TC-19: when the rows cannot be read, what is configured is shown, and every freeze counts as being there (SG-34, SG-36)', async () => {
    const broken = { all: () => Promise.reject(new Error('the file is gone')) };
    const repos = await repoQueues(broken as never, policy());
    expect(Object.keys(repos)).toEqual([ENDURO, 'orchestrator']);
    expect(repos.orchestrator).toMatchObject({ active_task: null, waiting: [], paused: [] });
    expect(repos.orchestrator).toMatchObject({ frozen: true, frozen_reason: null, frozen_at: null });
    expect(repos.orchestrator?.failing.map(({ part, direction }) => `${part} ${direction}`)).toEqual([
      'frozen holds',
      'activeTasks opens',
    ]);
  });

  test('TC-21: the gate is no stage and no check (SG-39)', () => {
    expect(STAGES).toHaveLength(10);
    expect(GATES.filter((name) => name.includes('serial'))).toEqual([]);
  });

  test('the state of the gate survives a restart (SG-40)', async () => {
    const yard = new GatedYard(policy());
    const first = await yard.task('ORCH-001', 'development');
    const { job } = await yard.waiting('ORCH-002');
    await yard.freeze();
    yard.restart();
    expect(await yard.claim()).toBeNull();
    await yard.unfreeze();
    await yard.done(first);
    expect(await yard.claim()).toBe(job);
  });

  test('a frozen repository still finishes what is active (SG-47)', async () => {
    const yard = new GatedYard(policy());
    const active = await yard.task('ORCH-001', 'development');
    await yard.freeze();
    const job = await yard.job(active, 'developer');
    expect(await yard.claim()).toBe(job);
  });

  test('a freeze of a repository out of scope is shown and not effective (AMB-19)', async () => {
    const yard = new GatedYard(policy({ repos: [ENDURO] }));
    await yard.freeze();
    await yard.freeze(ENDURO);
    expect(await yard.repo()).toMatchObject({ frozen: true, freeze_effective: false });
    expect(await yard.repo(ENDURO)).toMatchObject({ frozen: true, freeze_effective: true });
  });

  test('the newest of several causes is the one that is shown (SG-28)', async () => {
    const yard = new GatedYard(policy());
    await yard.freeze();
    await yard.freeze();
    const { freeze_causes: causes, frozen_at: shown } = await yard.repo();
    expect(causes).toHaveLength(2);
    expect(shown).toBe(causes[0]?.since);
    await yard.unfreeze();
    expect(await yard.repo()).toMatchObject({ frozen: false, freeze_causes: [], frozen_reason: null });
  });

  test('an analysis that may start is listed too, and has no reason (SG-33, UNK-30)', async () => {
    const yard = new GatedYard(policy());
    const { job } = await yard.waiting('ORCH-001');
    expect((await yard.repo()).waiting).toMatchObject([{ job_id: job, reason: null, blocked_by: null }]);
  });
});

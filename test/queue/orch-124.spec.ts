import { beforeEach, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { GATE_PARTS, type GatePart } from '../../src/domain/admission/serial-gate.js';
import { GATES, STAGES, type Stage } from '../../src/kernel/pipeline/stage.js';
import { asOf } from '../projections/as-of.js';
import { READ_MODELS } from '../../src/projections/read-models.js';
import { answer, codes, freeze, fresh, pause } from '../support/lives/admission-history.js';
import { GatedYard } from '../support/lives/gated-yard.js';
import { policyWith } from '../support/policy.js';
import type { TaskStory } from '../support/task-story.js';

const ENDURO = 'enduro-trails';

/** Gate, freeze and pause on, every repository, no dependencies. */
function policy(serialGate: Parameters<typeof policyWith>[0]['serialGate'] = {}) {
  return policyWith({ serialGate: { dependenciesEnabled: false, ...serialGate } });
}

/** ORCH-116 at this stage, and behind it ORCH-123 with its analyst's job. */
async function incident(stage: Stage = 'development', switches = policy()) {
  const yard = new GatedYard(switches);
  const earlier = stage === 'analysis' ? (await yard.waiting('ORCH-116')).story : await yard.task('ORCH-116', stage);
  const { story: urgent, job } = await yard.waiting('ORCH-123');
  return { yard, earlier, urgent, job };
}

describe('ORCH-124', () => {
  let yard: GatedYard;
  let earlier: TaskStory;
  let job: number;

  beforeEach(async () => {
    ({ yard, earlier, job } = await incident());
  });

  test('TC-01: pausing the active task lets the urgent one start at once (PA-02, PA-20, SC-03)', async () => {
    expect(await yard.claim()).toBeNull();
    expect(await yard.pause(earlier)).toBe(true);
    expect(await yard.claim()).toBe(job);
  });

  test.each(['analysis', 'review'] as const)(
    'TC-02, TC-03: a predecessor that is paused in %s does not count (PA-02)',
    async (stage) => {
      const one = await incident(stage);
      await one.yard.pause(one.earlier);
      expect(await one.yard.claim()).toBe(one.job);
    },
  );

  test('TC-04: a predecessor that is not paused blocks as before (PA-03)', async () => {
    expect(await yard.claim()).toBeNull();
  });

  test('TC-05: a pause is what an operator sets, and nothing else (PA-01)', async () => {
    expect((await yard.repo()).paused).toEqual([]);
    expect(await yard.claim()).toBeNull();
    await yard.pause(earlier);
    expect((await yard.repo()).paused).toMatchObject([{ work_item_id: 'ORCH-116', stage: 'development' }]);
  });

  test('TC-06: a pause survives a restart (PA-05)', async () => {
    await yard.pause(earlier);
    yard.restart();
    expect((await yard.repo()).paused).toHaveLength(1);
    expect(await yard.claim()).toBe(job);
  });

  test('TC-07: after the resume the analysis that is tried again waits (PA-06, SG-48)', async () => {
    await yard.pause(earlier);
    expect(await yard.claim()).toBe(job);
    await yard.requeue(job);
    expect(await yard.resume(earlier)).toBe(true);
    expect((await yard.repo()).paused).toEqual([]);
    expect(await yard.claim()).toBeNull();
  });

  test('TC-08: a pause does not lift a freeze (PA-07, SG-46)', async () => {
    await yard.pause(earlier);
    await yard.freeze();
    expect(await yard.claim()).toBeNull();
    await yard.unfreeze();
    expect(await yard.claim()).toBe(job);
  });

  test('TC-09: a pause does not satisfy a dependency; the end does (PA-08, TD-02, TD-03, TD-08)', async () => {
    const one = await incident('development', policy({ dependenciesEnabled: true }));
    expect(await one.yard.depend(one.urgent, one.earlier)).toBe(true);
    await one.yard.pause(one.earlier);
    expect(await one.yard.claim()).toBeNull();
    expect((await one.yard.repo()).waiting).toMatchObject([{ reason: 'dependency', blocked_by: 'ORCH-116' }]);
    await one.yard.done(one.earlier);
    expect(await one.yard.claim()).toBe(one.job);
  });

  test('TC-10: the queue says who is active, who is paused, and why the others wait (PA-09 … PA-13)', async () => {
    const active = await yard.repo();
    expect(active).toMatchObject({ active_task: { work_item_id: 'ORCH-116' }, paused: [] });
    expect(active.waiting).toMatchObject([{ job_id: job, work_item_id: 'ORCH-123', reason: 'active-task' }]);
    expect(Object.keys(active)).toEqual(
      expect.arrayContaining(['active_task', 'waiting', 'paused', 'frozen', 'frozen_reason', 'frozen_at']),
    );
    await yard.pause(earlier);
    const paused = await yard.repo();
    expect(paused.active_task?.work_item_id).toBe('ORCH-123');
    expect(paused.paused).toMatchObject([{ work_item_id: 'ORCH-116' }]);
    expect(paused.waiting).toMatchObject([{ reason: null }]);
    await yard.freeze();
    const frozen = await yard.repo();
    expect(frozen).toMatchObject({ frozen: true, frozen_reason: 'DEGRADED' });
    expect(frozen.waiting).toMatchObject([{ reason: 'freeze', blocked_by: 'orchestrator' }]);
  });

  test('TC-11: the decision, the explanation and the claim agree on who is active (PA-04)', async () => {
    const before = await yard.repo();
    expect([before.active_task?.work_item_id, before.waiting[0]?.reason]).toEqual(['ORCH-116', 'active-task']);
    expect(await yard.claim()).toBeNull();
    await yard.pause(earlier);
    const after = await yard.repo();
    expect([after.paused[0]?.work_item_id, after.waiting[0]?.reason]).toEqual(['ORCH-116', null]);
    expect(await yard.claim()).toBe(job);
  });

  test('TC-12: pause and gate are decided without a network (PA-18)', () => {
    const sources = ['decide', 'serial-gate', 'state', 'dependencies', 'commands', 'events'].map((name) =>
      readFileSync(new URL(`../../src/domain/admission/${name}.ts`, import.meta.url), 'utf8'),
    );
    const imported = sources.flatMap((source) => [...source.matchAll(/from '(.+)'/g)].map(([, path]) => path ?? ''));
    expect(imported.filter((path) => !/^(\.\/|\.\.\/\.\.\/kernel\/)/.test(path))).toEqual([]);
  });

  test('TC-13: a pause that cannot be read gates nobody, a freeze that cannot be read does (PA-14, PA-16, SG-22)', async () => {
    const broken: GatePart = () => {
      throw new TypeError('it cannot be read');
    };
    const paused = fresh(1, 2).after(pause(1));
    expect(answer(paused, 1, { ...GATE_PARTS, paused: broken, activeTasks: broken })).toMatchObject({ kind: 'admit' });
    expect(answer(paused, 2, { ...GATE_PARTS, paused: broken })).toMatchObject({ kind: 'admit' });
    expect(codes(answer(paused, 2, { ...GATE_PARTS, paused: broken, frozen: broken }))).toEqual(['freeze']);
    expect(codes(answer(paused.after(freeze()), 2))).toEqual(['freeze']);
    await yard.done(earlier);
    expect([await yard.pause(earlier), await yard.resume(earlier)]).toEqual([false, false]);
  });

  test('TC-14: with the pause layer off a paused task counts as active, in its own repository (PA-15, PA-21)', async () => {
    const one = await incident('development', policy({ pauseEnabled: false }));
    await one.yard.pause(one.earlier);
    expect(await one.yard.claim()).toBeNull();
    const { job: other } = await one.yard.waiting('ET-001', ENDURO);
    expect(await one.yard.claim()).toBe(other);
  });

  test('TC-15: pause and gate add no stage and no check, and the tables keep their columns (PA-19)', async () => {
    expect(STAGES).toHaveLength(10);
    expect(STAGES).toContain('cancelled');
    expect(GATES.filter((name) => /serial|pause/.test(name))).toEqual([]);
    const tables = ['tasks', 'jobs', 'job_deps', 'repo_freeze'];
    const columns = await asOf(yard.log, READ_MODELS, 0, (models) =>
      Promise.all(
        tables.map((table) => models.all<{ name: string }>('SELECT name FROM pragma_table_info(?)', [table])),
      ),
    );
    const [tasks, jobs, dependencies, freezes] = columns.map((rows) => rows.map(({ name }) => name));
    expect(tasks).toEqual(expect.arrayContaining(['paused_at', 'id', 'repo', 'stage', 'work_item_id']));
    expect(jobs).toEqual(expect.arrayContaining(['id', 'agent', 'repo', 'task_id', 'status', 'available_at']));
    expect(dependencies).toEqual(expect.arrayContaining(['task_id', 'depends_on_task_id']));
    expect(freezes).toEqual(expect.arrayContaining(['repo', 'reason', 'work_item_id', 'frozen_at', 'cleared_at']));
  });
});

import { afterEach, describe, expect, test } from '@jest/globals';
import { RequestGateCheck } from '../../../src/domain/task/commands.js';
import type { Policy } from '../../../src/kernel/pipeline/policy.js';
import { ReconciledYard } from '../../support/lives/reconciled-yard.js';
import { temporaryFolders } from '../../support/temporary-folder.js';

const HOUR = 3600;
let yard: ReconciledYard | null = null;

afterEach(async () => {
  await yard?.close();
  yard = null;
});
const folder = temporaryFolders();

async function opened(reconcile: Partial<Policy['reconcile']> = {}): Promise<ReconciledYard> {
  yard = await ReconciledYard.open(await folder(), reconcile);
  return yard;
}

const chats = async (of: ReconciledYard, workItem: string) =>
  (await of.events('NotificationRequested', workItem)).map(({ data }) => (data as { message: string }).message);

describe('ORCH-053, the gate side', () => {
  test('TC-01: a task whose green CI nobody told of goes on to review, with exactly one reviewer job (RC-01, RC-04, SC-04)', async () => {
    const one = await opened();
    const { work_item_id: workItem } = await one.taskIn('development');
    one.gates.turn('development', 'passed');
    one.forward(HOUR);
    await one.tick();
    await one.taskWhen(workItem, ({ stage }) => stage === 'review');
    await one.tick();
    const jobs = await one.events('JobQueued', workItem);
    expect(jobs.filter(({ data }) => 'agent' in data && data.agent === 'reviewer')).toHaveLength(1);
  });

  test('TC-02: the reconciler only asks for a look, and the pipeline decides (RC-11)', async () => {
    const one = await opened();
    const { id, work_item_id: workItem } = await one.taskIn('development');
    one.gates.turn('development', 'passed');
    one.forward(HOUR);
    await one.tick();
    await one.taskWhen(workItem, ({ stage }) => stage === 'review');
    const own = (await one.log.readAll()).filter(({ metadata }) => metadata.actor === 'policy:reconciler');
    expect(own.map(({ type, stream }) => `${type} ${stream}`)).toEqual([`GateCheckRequested task-${id}`]);
  });

  test('TC-03: a task whose job is queued or running is left alone, and its gate is not even read (RC-06)', async () => {
    const one = await opened();
    const { work_item_id: workItem } = await one.taskIn('development');
    one.gates.turn('development', 'passed');
    one.forward(HOUR);
    await one.tick();
    await one.taskWhen(workItem, ({ stage, round }) => stage === 'review' && round > 0);
    one.gates.asked = [];
    one.forward(HOUR);
    await one.tick();
    expect(one.gates.asked).toEqual([]);
    expect((await one.task(workItem)).stage).toBe('review');
  });

  test('TC-04: a task younger than its grace is left alone, one as old as it is not (RC-08)', async () => {
    const one = await opened({ graceDefaultS: 600 });
    const old = await one.taskIn('development');
    one.forward(590);
    const young = await one.taskIn('development', 'orchestrator');
    one.gates.turn('development', 'passed');
    one.forward(10);
    await one.tick();
    await one.taskWhen(old.work_item_id, ({ stage }) => stage === 'review');
    expect((await one.task(young.work_item_id)).stage).toBe('development');
    expect(one.gates.asked).not.toContain(young.work_item_id);
  });

  test('TC-05a: the grace is that of the stage, and where none is given the default one (RC-09)', async () => {
    const one = await opened({ graceDefaultS: 600, graceOverridesS: { development: 30, review: 7200 } });
    const quick = await one.taskIn('development');
    one.gates.turn('development', 'passed');
    one.forward(31);
    await one.tick();
    const inReview = await one.taskWhen(quick.work_item_id, ({ stage, round }) => stage === 'review' && round > 0);
    one.gates.turn('review', 'absent');
    await one.finish(inReview);
    await one.happens(
      'GateCheckAnswered',
      ({ data }) => 'visit' in data && data.visit === inReview.visit,
      inReview.work_item_id,
    );
    one.gates.turn('review', 'passed');
    one.forward(HOUR);
    await one.tick();
    expect((await one.task(quick.work_item_id)).stage).toBe('review');
    one.forward(HOUR);
    await one.tick();
    await one.taskWhen(quick.work_item_id, ({ stage }) => stage === 'testing');
  });

  test('TC-06: a gate that stays red is looked at in silence, however often (RC-10, TG-04, SC-05)', async () => {
    const one = await opened();
    const { work_item_id: workItem } = await one.taskIn('development');
    one.gates.turn('development', 'failed');
    const before = [await one.log.head(), await chats(one, workItem)];
    one.forward(HOUR);
    for (let tick = 1; tick <= 5; tick += 1) await one.tick();
    expect(one.gates.asked).toHaveLength(5);
    expect([await one.log.head(), await chats(one, workItem)]).toEqual(before);
    expect((await one.queueBlock()).unblocked_total).toBe(0);
  });

  test('TC-07: a done task, a fresh one and a busy one are none of its business (RC-04..07)', async () => {
    const one = await opened();
    const ended = await one.taskIn('development');
    await one.person().setStatus(ended.plane_id, 'Cancelled');
    await one.tick();
    await one.taskWhen(ended.work_item_id, ({ stage }) => stage === 'cancelled');
    one.forward(HOUR);
    const busy = await one.taskIn('development', 'orchestrator');
    one.gates.turn('development', 'passed');
    await one.send(RequestGateCheck, `task-${busy.id}`, { trigger: 'gitea: checks-changed', head: null });
    await one.taskWhen(busy.work_item_id, ({ stage }) => stage === 'review');
    const fresh = await one.taskIn('development');
    one.gates.turn('development', 'passed');
    await one.tick();
    expect(one.gates.asked).toEqual([]);
    expect((await one.task(fresh.work_item_id)).stage).toBe('development');
    expect((await one.queueBlock()).unblocked_total).toBe(0);
  });

  test('TC-08: analysis is left to people, even when its set is complete (RC-05, AC-16, SC-06)', async () => {
    const one = await opened();
    const { work_item_id: workItem } = await one.taskIn('analysis');
    one.gates.turn('analysis', 'passed');
    one.forward(HOUR);
    await one.tick();
    expect(one.gates.asked).toEqual([]);
    expect((await one.task(workItem)).stage).toBe('analysis');
  });

  test('TC-09: a task whose gates cannot be read stops no other one, nor the pass (RC-12, RC-29, INV-04)', async () => {
    const one = await opened();
    const bad = await one.taskIn('development');
    const good = await one.taskIn('development', 'orchestrator');
    one.gates.broken.add(bad.work_item_id);
    one.gates.turn('development', 'passed');
    one.forward(HOUR);
    await one.tick();
    await one.taskWhen(good.work_item_id, ({ stage }) => stage === 'review');
    expect(one.gates.asked).toContain(bad.work_item_id);
    expect((await one.task(bad.work_item_id)).stage).toBe('development');
  });

  test('a tick that is repeated before its look was answered, and one after it, move nothing twice (RC-26)', async () => {
    const one = await opened();
    const { work_item_id: workItem } = await one.taskIn('development');
    one.gates.turn('development', 'passed');
    one.forward(HOUR);
    await Promise.all([one.tick(), one.tick()]);
    await one.taskWhen(workItem, ({ stage, round }) => stage === 'review' && round > 0);
    await one.tick();
    expect(await one.events('TaskUnblocked', workItem)).toHaveLength(1);
    expect((await one.queueBlock()).unblocked_total).toBe(1);
  });
});

describe('ORCH-053, the switches', () => {
  test('TC-10a: switched off it does nothing (RC-02)', async () => {
    const one = await opened({ enabled: false });
    await one.person().createItem('Nobody looks', '', 'In Progress');
    await one.tick();
    expect(await one.log.head()).toBe(0);
    expect(await one.queueBlock()).toMatchObject({ enabled: false, last_run_ts: expect.any(Number) });
  });

  test('TC-10b: with the tracker side off the gate side still moves tasks (RC-03)', async () => {
    const one = await opened();
    const { work_item_id: workItem, plane_id } = await one.taskIn('development');
    one.gates.turn('development', 'passed');
    await one.person().setStatus(plane_id, 'Cancelled');
    (one.policy.reconcile as { planeEnabled: boolean }).planeEnabled = false;
    one.forward(HOUR);
    await one.tick();
    await one.taskWhen(workItem, ({ stage }) => stage === 'review');
    expect((await one.events('StatusEntered')).map(({ data }) => 'toKey' in data && data.toKey)).not.toContain(
      'cancelled',
    );
  });
});

describe('ORCH-053, an unblock', () => {
  test('TC-20a: is one event, one message and one more in the counters, which a restart keeps (RC-16, RC-18, RC-19, RC-32, TG-09)', async () => {
    const one = await opened();
    const { work_item_id: workItem } = await one.taskIn('development');
    one.gates.turn('development', 'passed');
    one.forward(HOUR);
    await one.tick();
    await one.happens('NotificationRequested', ({ data }) => 'message' in data && data.message === 'unblocked');
    await one.tick();
    expect((await chats(one, workItem)).filter((message) => message === 'unblocked')).toHaveLength(1);
    expect(await one.queueBlock()).toMatchObject({
      ...{ enabled: true, plane_enabled: true, interval: 60 },
      ...{ unblocked_total: 1, last_unblocked: workItem, last_unblocked_at: expect.any(String) },
    });
  });

  test('TC-20b: is not told in the chat when that is switched off, and counted all the same (RC-19)', async () => {
    const one = await opened({ notifyUnblock: false });
    const { work_item_id: workItem } = await one.taskIn('development');
    one.gates.turn('development', 'passed');
    one.forward(HOUR);
    await one.tick();
    await one.happens(
      'NotificationRequested',
      ({ data }) =>
        'message' in data &&
        data.message === 'stage-moved' &&
        'params' in data &&
        (data.params as { to: string }).to === 'review',
    );
    expect(await chats(one, workItem)).not.toContain('unblocked');
    expect((await one.queueBlock()).unblocked_total).toBe(1);
  });

  test('TC-21: it may be started twice and stopped in the middle of its pause, switched off or not (RC-20, RC-22, AC-11)', async () => {
    const one = await opened({ enabled: false, intervalS: 60 });
    one.reconciler.start();
    one.reconciler.start();
    const seen = async () => (await one.queueBlock()).last_run_ts !== null;
    expect(await seen()).toBe(true);
    await one.reconciler.stop();
  });
});

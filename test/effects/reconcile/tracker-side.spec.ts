import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ReceiveDelivery } from '../../../src/domain/inbox/commands.js';
import type { StatusEntered } from '../../../src/domain/inbox/events.js';
import { commandContext } from '../../support/given.js';
import { ReconciledYard } from '../../support/lives/reconciled-yard.js';
import { temporaryFolders } from '../../support/temporary-folder.js';
import { until } from '../../support/until.js';

let one: ReconciledYard;
let deliveries = 0;

beforeEach(async () => {
  one = await ReconciledYard.open(await folder());
});
afterEach(() => one.close());
const folder = temporaryFolders();

const entries = async () => (await one.events('StatusEntered')).map(({ data }) => data as StatusEntered['data']);
const gestures = async () => (await entries()).map(({ toKey }) => toKey);

/** A webhook as the door takes it. */
async function delivered(source: 'plane' | 'gitea', says: object): Promise<void> {
  deliveries += 1;
  const stream = `inbox-${source}-${deliveries}`;
  const facts = { source, deliveryId: `d-${deliveries}`, digest: String(deliveries), event: 'e', body: {} };
  const context = commandContext({ commandId: `delivery-${deliveries}`, correlationId: stream });
  await one.receive(new ReceiveDelivery(stream, { ...facts, says } as ReceiveDelivery['payload'], context));
}

function statusOf(name: string): string {
  return one.desk.state.statuses.find((status) => status.name === name && isEnduro(status.project))?.id ?? '';
}

function isEnduro(project: string): boolean {
  return one.desk.state.projects.find(({ id }) => id === project)?.name === 'enduro-trails';
}

describe('a gesture whose webhook was lost (F-2)', () => {
  test('In Progress opens the task at the next look, by whoever made it and when it was made (RC-13, RC-30, WHP-21, SC-01)', async () => {
    const { itemId, workItem } = await one.person().createItem('Lost');
    await one.tick();
    await one.person().setStatus(itemId, 'In Progress');
    await one.tick();
    await one.taskWhen(workItem, ({ stage }) => stage === 'analysis');
    const person = one.desk.state.accounts[1];
    const started = (await entries()).at(-1);
    expect(started).toMatchObject({ toKey: 'in_progress', by: `plane:${person?.id}`, ours: false, via: 'poll' });
    const act = one.desk.state.activities.find(({ field, actor }) => field === 'state' && actor === person?.id);
    expect(Date.parse(started?.enteredAt ?? '')).toBe(Math.floor((act?.at ?? 0) / 1000));
  });

  test('Approved moves the task out of analysis, and is found once however often is looked (RC-13, SC-06, WHP-13)', async () => {
    const { work_item_id: workItem } = await one.taskIn('architecture');
    for (let tick = 1; tick <= 3; tick += 1) await one.tick();
    expect(await one.events('ApprovalGiven', workItem)).toHaveLength(1);
    expect((await entries()).at(-1)).toMatchObject({ toKey: 'approved', via: 'poll', ours: false });
  });

  test('Rejected lets the work be done again, with the newest comments as the reason (RC-13, UNK-05)', async () => {
    const { work_item_id: workItem, plane_id } = await one.taskIn('development');
    await one.person().comment(plane_id, 'The map is upside down.');
    await one.person().setStatus(plane_id, 'Rejected');
    await one.tick();
    await one.happens('WorkRequested', ({ data }) => JSON.stringify(data).includes('upside down'), workItem);
    expect(await one.task(workItem)).toMatchObject({ stage: 'development', developer_retries: 1 });
  });

  test('and its late webhook are one gesture; In Progress by both at once is one task (RC-27, WHP-23, AC-4, AMB-35)', async () => {
    const { itemId, workItem } = await one.person().createItem('Raced');
    await one.tick();
    await one.person().setStatus(itemId, 'In Progress');
    const person = one.desk.state.accounts[1]?.id;
    const statusChange = { fromId: statusOf('Backlog'), toId: statusOf('In Progress'), actorId: person, at: null };
    const projectId = one.desk.state.items[0]?.project;
    const told = delivered('plane', { kind: 'item-changed', projectId, itemId, statusChange });
    await Promise.all([told, one.tick(), one.tick()]);
    await one.happens('DeliveryHandled');
    await one.tick();
    await one.taskWhen(workItem, ({ round }) => round > 0);
    expect((await gestures()).filter((key) => key === 'in_progress')).toHaveLength(1);
    for (const type of ['TaskRequested', 'TaskOpened', 'JobQueued']) expect(await one.events(type)).toHaveLength(1);
  });

  test('is not concluded while the history that names its author is late, and is found when that has caught up', async () => {
    const { itemId } = await one.person().createItem('Late history', '', 'Todo');
    await one.person().setStatus(itemId, 'Backlog');
    await one.tick();
    one.desk.lateHistory(true);
    await one.person().setStatus(itemId, 'In Progress');
    const { itemId: other } = await one.person().createItem('Changed since', '', 'Todo');
    await one.tick();
    expect(await gestures()).not.toContain('in_progress');
    // Others change meanwhile; the look goes back far enough all the same.
    one.forward(30);
    await one.person().comment(other, 'newer than the entry');
    await one.tick();
    one.desk.lateHistory(false);
    await one.tick();
    await one.happens('TaskOpened');
    expect((await entries()).at(-1)?.by).toBe(`plane:${one.desk.state.accounts[1]?.id}`);
  });

  test('of our own account is no gesture (INV-09)', async () => {
    const { itemId, workItem } = await one.person().createItem('Ours');
    await one.tick();
    const projectId = one.desk.state.items[0]?.project ?? '';
    await one.tracker.setStatus(projectId, itemId, statusOf('In Progress'));
    await until(async () => {
      await one.tick();
      return (await entries()).at(-1)?.toKey === 'in_progress';
    }, 'a look finds where the item is now');
    expect((await entries()).at(-1)).toMatchObject({ ours: true });
    expect(await one.events('TaskOpened', workItem)).toEqual([]);
  });
});

describe('an item that is deleted in the tracker', () => {
  test('leaves its task paused, and the operators are told (UNK-47)', async () => {
    const { plane_id: itemId, work_item_id: workItem } = await one.taskIn('development');
    const { items } = one.desk.state;
    items.splice(
      items.findIndex(({ id }) => id === itemId),
      1,
    );
    await delivered('plane', { kind: 'item-deleted', projectId: null, itemId });
    await one.taskWhen(workItem, ({ paused_at: pausedAt }) => pausedAt !== null);
    const told = ({ data }: { data: object }) => 'message' in data && data.message === 'item-vanished';
    await one.happens('NotificationRequested', told);
  });
});

describe('a check of a commit that no task published (F-3)', () => {
  const told = () =>
    delivered('gitea', { kind: 'checks-changed', repo: 'enduro-trails', sha: 'unknown', branch: null, actor: 'ci' });

  test('is that of the only task in development (RC-15, WHG-03, SC-07)', async () => {
    const { work_item_id: workItem } = await one.taskIn('development');
    one.gates.turn('development', 'passed');
    await told();
    await one.taskWhen(workItem, ({ stage }) => stage === 'review');
    expect(await one.events('TaskUnblocked')).toEqual([]);
  });

  test('is nobody’s when two are in development (WHG-04, SC-08)', async () => {
    const [first, second] = [await one.taskIn('development'), await one.taskIn('development')];
    one.gates.turn('development', 'passed');
    one.gates.asked = [];
    await told();
    await one.happens('DeliveryHandled', ({ data }) => 'result' in data && data.result === 'no task is concerned');
    expect(one.gates.asked).toEqual([]);
    for (const { work_item_id: workItem } of [first, second])
      expect((await one.task(workItem)).stage).toBe('development');
  });
});

describe('a tracker that sends no webhook', () => {
  test('is measured, and reported once at the third change that was found, until it speaks again', async () => {
    for (const title of ['First', 'Second', 'Third']) {
      await one.person().createItem(title, '', 'In Progress');
      await one.tick();
    }
    const said =
      (message: string) =>
      ({ data }: { data: object }) =>
        'message' in data && data.message === message;
    // What stands there at the first look has a history that only says who created it: nobody missed that.
    for (const { id } of [...one.desk.state.items]) {
      await one.person().setStatus(id, 'Rejected');
      await one.tick();
    }
    await one.happens('NotificationRequested', said('webhooks-missed'));
    const block = await one.queueBlock();
    expect(block.sources.plane).toMatchObject({ told_by_webhook: 0, loss_rate: 1, silent_since: expect.any(String) });
    expect(block.sources.plane.found_by_poll).toBeGreaterThanOrEqual(3);
    expect(block.sources.plane.poll_delay_s.mean).toBeGreaterThanOrEqual(0);
    await delivered('plane', { kind: 'item-changed', projectId: 'p', itemId: 'i', statusChange: null });
    await one.happens('NotificationRequested', said('webhooks-heard'));
    await one.caughtUp();
    expect((await one.queueBlock()).sources.plane).toMatchObject({
      silent_since: null,
      last_webhook_at: expect.any(String),
    });
    expect((await one.events('NotificationRequested')).filter(said('webhooks-missed'))).toHaveLength(1);
  });
});

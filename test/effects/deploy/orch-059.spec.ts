import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ReceiveDelivery } from '../../../src/domain/inbox/commands.js';
import { ReportConfirmationSent, ReportMerged } from '../../../src/domain/task/commands.js';
import type { ConfirmationRequested, MergeRequested } from '../../../src/domain/task/events.js';
import type { RecordedEvent } from '../../../src/kernel/event.js';
import { toIso } from '../../../src/kernel/time.js';
import type { TaskRow } from '../../../src/projections/task/tasks.js';
import { commandContext } from '../../support/given.js';
import { ReconciledYard } from '../../support/lives/reconciled-yard.js';
import { AGENT_PROJECT, SELF_HOSTING_PROJECT } from '../../support/policy.js';
import { until } from '../../support/until.js';
import { temporaryFolders } from '../../support/temporary-folder.js';

const { repo: SELF } = SELF_HOSTING_PROJECT;
const { repo: ENDURO } = AGENT_PROJECT;
let yard: ReconciledYard;
let deliveries = 0;

const folder = temporaryFolders();
const opened = async () => void (yard = await ReconciledYard.open(await folder(), { graceDefaultS: 0 }));
const closed = () => yard.close();

/** A person moves the item, and the webhook tells of it as Plane does. */
async function gesture(task: TaskRow, status: string): Promise<void> {
  const { plane_id: itemId, project_id: projectId } = task;
  const before = statusOf(projectId, await yard.person(task.repo).statusOf(itemId));
  await yard.person(task.repo).setStatus(itemId, status);
  const actorId = yard.desk.state.accounts[1]?.id;
  const statusChange = { fromId: before, toId: statusOf(projectId, status), actorId, at: toIso(Date.now()) };
  const says = { kind: 'item-changed', projectId, itemId, statusChange };
  deliveries += 1;
  const stream = `inbox-plane-${deliveries}`;
  const facts = { source: 'plane', deliveryId: stream, digest: stream, event: 'issue', body: {}, says };
  const context = commandContext({ commandId: `delivery-${deliveries}`, correlationId: stream });
  await yard.receive(new ReceiveDelivery(stream, facts as ReceiveDelivery['payload'], context));
  await yard.happens('DeliveryHandled', (event) => event.stream === stream);
}

function statusOf(projectId: string, name: string): string {
  const { statuses } = yard.desk.state;
  return statuses.find((status) => status.project === projectId && status.name === name)?.id ?? '';
}

async function ignored(count: number): Promise<object> {
  await until(async () => (await yard.events('GestureIgnored')).length >= count, `gesture ${count} is ignored`);
  return (await yard.events('GestureIgnored'))[count - 1]?.data ?? {};
}

async function requested(type: string): Promise<readonly RecordedEvent[]> {
  const all = await yard.events(type);
  return all.filter(({ data }) => !('environment' in data) || data.environment === 'production');
}

/** Nothing of production has begun, and the task is where it was. */
async function nothingStarted(task: TaskRow): Promise<void> {
  for (const type of ['DeployConfirmed', 'MergeRequested', 'DeployRequested', 'TaskSentBack'])
    expect(await requested(type)).toEqual([]);
  expect(await yard.task(task.work_item_id)).toMatchObject({ stage: task.stage, visit: task.visit });
}

async function messages(channel: string): Promise<readonly { readonly message: string }[]> {
  const all = (await yard.events('NotificationRequested')).map(({ data }) => data);
  const asked = all as { readonly channel: string; readonly message: string }[];
  return asked.filter((data) => data.channel === channel && data.message === 'confirmation-requested');
}

describe('ORCH-059 on a self-hosting task', () => {
  let task: TaskRow;
  beforeAll(opened);
  afterAll(closed);

  test('TC-09: Phase A asks once in the chat and once on the item, and starts nobody (DEP-02, DEP-03, CD-08, TG-07)', async () => {
    const staged = await yard.taskIn('deploy-staging', SELF);
    yard.gates.turn('deploy-staging', 'passed');
    await yard.tick();
    await yard.happens('ConfirmationRequested');
    task = await yard.taskWhen(staged.work_item_id, ({ stage }) => stage === 'deploy');
    await yard.happens('NotificationRequested', ({ data }) => 'asks' in data);
    expect(await messages('item-comment')).toHaveLength(1);
    expect(await messages('chat')).toHaveLength(1);
    const [asked] = await yard.events('ConfirmationRequested');
    expect(asked?.data).toMatchObject({ note: 'self-deploy-approval-pending', request: 1 });
    const work = (await yard.events('WorkRequested')).filter(({ data }) => 'stage' in data && data.stage === 'deploy');
    expect(work).toEqual([]);
  });

  test('TC-05, TC-07b, TC-11: Approved by webhook starts nothing, reads no gate and sends nothing back (CD-04, RB-06, WHP-12)', async () => {
    yard.gates.turn('deploy', 'failed');
    yard.gates.asked = [];
    await gesture(task, 'In Review');
    await gesture(task, 'Approved');
    expect(await ignored(1)).toMatchObject({ note: 'approved-on-deploy-noop', stage: 'deploy' });
    expect(yard.gates.asked).toEqual([]);
    await nothingStarted(task);
  });

  test('TC-04, TC-07a, TC-10: Confirm Deploy by webhook starts one deploy, and the task stays on deploy (WHP-07, WHP-11, DEP-05, DEP-07)', async () => {
    const [asked] = await yard.events('ConfirmationRequested');
    const { visit, request } = asked?.data as ConfirmationRequested['data'];
    const sentAt = toIso(Date.now() - 1_000);
    await yard.send(ReportConfirmationSent, `task-${task.id}`, { visit, request, sentAt });
    await gesture(task, 'Confirm Deploy');
    await yard.happens('MergeRequested');
    const [confirmed] = await yard.events('DeployConfirmed');
    expect(confirmed?.data).toMatchObject({ note: 'self-deploy-initiated', request });
    const [merge] = await yard.events('MergeRequested');
    const { pullRequest } = merge?.data as MergeRequested['data'];
    const commit = { head: 'merged', codeTree: '7ree' };
    await yard.send(ReportMerged, `task-${task.id}`, { visit, pullRequest, commit });
    await yard.happens('DeployRequested', ({ data }) => 'environment' in data && data.environment === 'production');
    expect((await requested('DeployRequested')).map(({ data }) => data)).toMatchObject([{ revision: commit }]);
    expect((await yard.task(task.work_item_id)).stage).toBe('deploy');
  });

  test('TC-08, and TC-06 of ORCH-036: Confirm Deploy again is a no-op with its note, and there is still one deploy (CD-07, DEP-06)', async () => {
    await gesture(task, 'In Review');
    await gesture(task, 'Confirm Deploy');
    expect(await ignored(2)).toMatchObject({ note: 'self-deploy-already-initiated', stage: 'deploy' });
    expect(await yard.events('DeployConfirmed')).toHaveLength(1);
    expect(await requested('DeployRequested')).toHaveLength(1);
  });
});

describe('ORCH-059 elsewhere', () => {
  beforeAll(opened);
  afterAll(closed);

  test('TC-04b: Confirm Deploy on analysis changes nothing (WHP-09, WHP-10, CD-06)', async () => {
    const task = await yard.taskIn('analysis', SELF);
    await gesture(task, 'Confirm Deploy');
    expect(await ignored(1)).toMatchObject({ stage: 'analysis', gesture: 'ConfirmDeploy' });
    await nothingStarted(task);
  });

  test('TC-06: Approved on analysis moves to architecture (WHP-08, WHP-13, WHP-14)', async () => {
    const [{ work_item_id: workItem } = { work_item_id: '' }] = await yard.tasksOf(SELF);
    yard.gates.turn('analysis', 'passed');
    await yard.lookAgain(workItem);
    await yard.happens('ApprovalRequested');
    await gesture(await yard.task(workItem), 'Approved');
    await yard.taskWhen(workItem, ({ stage }) => stage === 'architecture');
    const [approved] = (await yard.events('GateEvaluated')).slice(-1);
    expect(approved?.data).toMatchObject({ gate: 'check_analysis_approved', reason: 'approved via status' });
  });

  test('TC-12: a project that lacks the status asks nobody, and Approved on its deploy starts nothing (CD-09, DEP-01, DEP-19, SC-25)', async () => {
    const { statuses, projects } = yard.desk.state;
    const project = projects.find(({ name }) => name === ENDURO)?.id;
    const own = statuses.findIndex((status) => status.project === project && status.name === 'Confirm Deploy');
    if (own >= 0) statuses.splice(own, 1);
    const staged = await yard.taskIn('deploy-staging', ENDURO);
    yard.gates.turn('deploy-staging', 'passed');
    yard.gates.turn('deploy', 'failed');
    await yard.tick();
    const task = await yard.taskWhen(staged.work_item_id, ({ stage }) => stage === 'deploy');
    expect(await yard.events('ConfirmationRequested')).toEqual([]);
    await yard.happens('MergeRequested');
    yard.gates.asked = [];
    await gesture(task, 'In Review');
    await gesture(task, 'Approved');
    expect(await ignored(2)).toMatchObject({ note: 'approved-on-deploy-noop', stage: 'deploy' });
    expect(yard.gates.asked).toEqual([]);
    expect(await requested('DeployRequested')).toEqual([]);
    expect(await yard.events('DeployConfirmed')).toEqual([]);
  });
});

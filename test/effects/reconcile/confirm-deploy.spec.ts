import { afterEach, describe, expect, test } from '@jest/globals';
import type { ConfirmationRequested, GestureIgnored } from '../../../src/domain/task/events.js';
import { ReportConfirmationSent } from '../../../src/domain/task/commands.js';
import type { Policy } from '../../../src/kernel/pipeline/policy.js';
import { toIso } from '../../../src/kernel/time.js';
import type { TaskRow } from '../../../src/projections/task/tasks.js';
import { ReconciledYard } from '../../support/lives/reconciled-yard.js';
import { SELF_HOSTING_PROJECT } from '../../support/policy.js';
import { temporaryFolders } from '../../support/temporary-folder.js';

const { repo } = SELF_HOSTING_PROJECT;
let one: ReconciledYard;
let task: TaskRow;

afterEach(() => one.close());
const folder = temporaryFolders();

/** A task whose request to confirm is open; people have not been told yet. */
async function requested(reconcile: Partial<Policy['reconcile']> = {}): Promise<void> {
  one = await ReconciledYard.open(await folder(), { graceDefaultS: 0, ...reconcile });
  task = await one.taskIn('deploy-staging', repo);
  one.gates.turn('deploy-staging', 'passed');
  await one.tick();
  await one.happens('ConfirmationRequested');
}

async function sent(atMs = Date.now()): Promise<void> {
  const [asked] = await one.events('ConfirmationRequested');
  const { visit, request } = asked?.data as ConfirmationRequested['data'];
  await one.send(ReportConfirmationSent, `task-${task.id}`, { visit, request, sentAt: toIso(atMs) });
}

function moveTo(status: string): Promise<void> {
  return one.person(repo).setStatus(task.plane_id, status);
}

async function ignored(): Promise<GestureIgnored['data'] | undefined> {
  await one.happens('GestureIgnored');
  return (await one.events('GestureIgnored')).at(-1)?.data as GestureIgnored['data'] | undefined;
}

async function operatorsAreTold(): Promise<void> {
  await one.happens('NotificationRequested', ({ data }) => {
    const told = data as { readonly message: string; readonly channel: string };
    return told.message === 'gesture-ignored' && told.channel !== 'item-comment';
  });
}

async function nothingStarts(): Promise<void> {
  for (let tick = 1; tick <= 3; tick += 1) await one.tick();
  for (const type of ['DeployConfirmed', 'MergeRequested']) expect(await one.events(type)).toEqual([]);
}

describe('Confirm Deploy that no webhook told of', () => {
  test('counts once, however often is looked, with the person and the time of the tracker [RC-14, INV-24]', async () => {
    await requested();
    await sent();
    await moveTo('Confirm Deploy');
    for (let tick = 1; tick <= 3; tick += 1) await one.tick();
    await one.happens('MergeRequested');
    const person = one.desk.state.accounts[1];
    const act = one.desk.state.activities.filter(({ field }) => field === 'state').at(-1);
    const [confirmed, ...more] = await one.events('DeployConfirmed');
    expect(more).toEqual([]);
    expect(confirmed?.data).toMatchObject({ by: `plane:${person?.id}`, at: toIso(Math.floor((act?.at ?? 0) / 1000)) });
    expect(await one.events('MergeRequested')).toHaveLength(1);
  });

  test('that was made before the request was sent does not count, and the operators are told [RC-14]', async () => {
    await requested();
    await moveTo('Confirm Deploy');
    await sent(Date.now() + 1000);
    await one.tick();
    expect((await ignored())?.reason).toMatch(/^it was made at .+, and the request to confirm was sent at /);
    await operatorsAreTold();
    await nothingStarts();
  });

  test('is heard again when we asked again, although the item is where it was seen last', async () => {
    await requested();
    await moveTo('Confirm Deploy');
    await one.tick();
    await ignored();
    await sent();
    const { project } = one.desk.state.items.find(({ id }) => id === task.plane_id) ?? { project: '' };
    const asks = one.desk.state.statuses.find((known) => known.project === project && known.name === 'In Review');
    await one.tracker.setStatus(project, task.plane_id, asks?.id ?? '');
    await moveTo('Confirm Deploy');
    for (let tick = 1; tick <= 3; tick += 1) await one.tick();
    await one.happens('MergeRequested');
    expect(await one.events('DeployConfirmed')).toHaveLength(1);
  });

  test('does not count while the switch is off, and the operators are told [RC-14]', async () => {
    await requested({ confirmEnabled: false });
    await sent();
    await moveTo('Confirm Deploy');
    await one.tick();
    expect((await ignored())?.reason).toBe('a poll found it, and ORCH_RECONCILE_CONFIRM_ENABLED is false');
    await operatorsAreTold();
    await nothingStarts();
  });

  test('that our own account made does not count, and the operators are told [RC-14, INV-09]', async () => {
    await requested();
    await sent();
    const { project } = one.desk.state.items.find(({ id }) => id === task.plane_id) ?? { project: '' };
    const status = one.desk.state.statuses.find(
      (known) => known.project === project && known.name === 'Confirm Deploy',
    );
    await one.tracker.setStatus(project, task.plane_id, status?.id ?? '');
    await one.tick();
    expect((await ignored())?.reason).toBe('our own account made it, and only a person confirms');
    await operatorsAreTold();
    await nothingStarts();
  });

  test('is not taken for an earlier one while the history is late, and counts when that has caught up [RC-14]', async () => {
    await requested();
    await moveTo('Confirm Deploy');
    await moveTo('In Review');
    await one.tick();
    await sent();
    one.desk.lateHistory(true);
    await moveTo('Confirm Deploy');
    await one.tick();
    expect(await one.events('GestureIgnored')).toEqual([]);
    one.desk.lateHistory(false);
    await one.tick();
    await one.happens('MergeRequested');
    expect(await one.events('DeployConfirmed')).toHaveLength(1);
  });
});

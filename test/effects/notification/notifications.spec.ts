import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { NotificationRequested } from '../../../src/domain/notification/events.js';
import { Notifications } from '../../../src/effects/notification/notifications.js';
import type { Outcome } from '../../../src/effects/effect.js';
import { NotifierRefused, NotifierUnavailable, type Notifier } from '../../../src/integrations/notifier.js';
import type { RecordedEvent } from '../../../src/kernel/event.js';
import type { Work } from '../../../src/projections/work.js';
import type { TaskRow } from '../../../src/projections/task/tasks.js';
import { messagesIn } from '../../../src/telemetry/messages/messages.js';
import { ReconciledYard } from '../../support/lives/reconciled-yard.js';
import { temporaryFolders } from '../../support/temporary-folder.js';

let yard: ReconciledYard;
let task: TaskRow;
const folder = temporaryFolders();

beforeAll(async () => {
  yard = await ReconciledYard.open(await folder());
  task = await yard.taskIn('analysis');
});
afterAll(() => yard.close());

const SILENT: Notifier = { enabled: false, send: () => Promise.reject(new Error('nobody is to be told')) };

/** Delivers one message, and says what was reported of it. */
async function delivered(message: Partial<NotificationRequested['data']>, notifier = SILENT): Promise<object[]> {
  const reported: object[] = [];
  const report: Outcome['report'] = async (type, _stream, payload) =>
    void reported.push({ type: type.name, ...payload });
  const { work_item_id: workItem } = task;
  const plain = { channel: 'chat', message: 'done', workItem, statusKey: null, params: { workItem } } as const;
  const event = { id: 'message-1', stream: 'notification-1', data: { ...plain, ...message } };
  const work = { taskOf: () => yard.task(workItem) } as unknown as Work;
  const world = { notifier, tracker: yard.tracker, messages: messagesIn('en'), work, policy: yard.policy };
  await new Notifications(world).act(event as RecordedEvent<NotificationRequested>, { report });
  return reported;
}

describe('the item in the tracker', () => {
  test.each([
    ['in_review', 'In Review'],
    ['needs_input', 'Needs Input'],
    ['in_progress', 'In Progress'],
    ['blocked', 'Blocked'],
    ['done', 'Done'],
  ] as const)('shows %s as the project’s own status %s [PS-02, PS-08, PS-14, PS-15]', async (statusKey, name) => {
    expect(await delivered({ channel: 'item-status', statusKey })).toMatchObject([{ how: 'sent', text: name }]);
    expect(await yard.person().statusOf(task.plane_id)).toBe(name);
  });

  test('gets a comment once, however often it is tried [PS-09]', async () => {
    for (let time = 1; time <= 2; time += 1) await delivered({ channel: 'item-comment' });
    const comments = await yard.tracker.comments(task.project_id, task.plane_id);
    expect(comments.filter(({ text }) => text.includes('done'))).toHaveLength(1);
  });
});

describe('the chat', () => {
  test('that nobody configured is told nothing, and what would have been said is recorded [TG-01]', async () => {
    expect(await delivered({})).toMatchObject([{ type: 'ReportNotificationDelivered', how: 'recorded' }]);
  });

  test('that says no for good is not asked again; one that is away is [TG-02]', async () => {
    const answering = (error: Error): Notifier => ({ enabled: true, send: () => Promise.reject(error) });
    const gone = await delivered({}, answering(new NotifierRefused('the chat is gone', 403)));
    expect(gone).toMatchObject([{ type: 'ReportNotificationDropped', reason: expect.stringContaining('is gone') }]);
    await expect(delivered({}, answering(new NotifierUnavailable('no answer')))).rejects.toThrow('no answer');
  });
});

import type { Decider } from '../../kernel/decider.js';
import type { Recorded } from '../../kernel/event.js';
import * as commands from './commands.js';
import type { NotificationEvent } from './events.js';

export type NotificationState = 'absent' | 'requested' | 'closed';

export const notificationDecider: Decider<commands.NotificationCommand, NotificationEvent, NotificationState> = {
  category: 'notification',
  commands: Object.values(commands),
  events: { NotificationRequested: 1, NotificationDelivered: 1, NotificationDropped: 1 },
  initial: 'absent',
  evolve: (_state: NotificationState, event: Recorded<NotificationEvent>) =>
    event.type === 'NotificationRequested' ? 'requested' : 'closed',
  decide: decideNotification,
};

/** One stream is one message: asked for once, closed once. */
function decideNotification(
  command: commands.NotificationCommand,
  state: NotificationState,
): readonly NotificationEvent[] {
  switch (command.type) {
    case 'RequestNotification':
      return state === 'absent' ? [{ type: 'NotificationRequested', data: command.payload }] : [];
    case 'ReportNotificationDelivered':
      return state === 'requested' ? [{ type: 'NotificationDelivered', data: command.payload }] : [];
    case 'ReportNotificationDropped':
      return state === 'requested' ? [{ type: 'NotificationDropped', data: command.payload }] : [];
  }
}

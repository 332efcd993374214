import { Command } from '../../kernel/command.js';
import type { NotificationDelivered, NotificationDropped, NotificationRequested } from './events.js';

export class RequestNotification extends Command<NotificationRequested['data']> {
  readonly type = 'RequestNotification';
}

export class ReportNotificationDelivered extends Command<NotificationDelivered['data']> {
  readonly type = 'ReportNotificationDelivered';
}

/** The other side said no for good; telling is best effort (TG-02). */
export class ReportNotificationDropped extends Command<NotificationDropped['data']> {
  readonly type = 'ReportNotificationDropped';
}

export type NotificationCommand = RequestNotification | ReportNotificationDelivered | ReportNotificationDropped;

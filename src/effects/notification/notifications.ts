import { ReportNotificationDelivered, ReportNotificationDropped } from '../../domain/notification/commands.js';
import type { NotificationRequested } from '../../domain/notification/events.js';
import type { RecordedEvent } from '../../kernel/event.js';
import { projectOf, type Policy } from '../../kernel/pipeline/policy.js';
import { NotifierRefused, type Messages, type Notifier } from '../../integrations/notifier.js';
import { TrackerRefused, type Tracker } from '../../integrations/tracker.js';
import type { TaskRow } from '../../projections/task/tasks.js';
import type { Work } from '../../projections/work.js';
import type { Effect, Outcome } from '../effect.js';
import { nameOf, statusIdOf } from '../inbox/statuses.js';

export interface NotificationWorld {
  readonly notifier: Notifier;
  readonly tracker: Tracker;
  readonly messages: Messages;
  readonly work: Work;
  readonly policy: Policy;
}

type Requested = RecordedEvent<NotificationRequested>;
type Delivered = { readonly how: 'sent' | 'recorded'; readonly text: string };

/** Tells people. Never in the way of anything: what cannot be told is dropped with its reason, not retried for ever by hand (TG-02). */
export class Notifications implements Effect<NotificationRequested> {
  readonly intent = 'NotificationRequested';
  readonly effectClass = 'keyed';

  constructor(private readonly world: NotificationWorld) {}

  /** Statuses and comments of one item keep their order; the chat keeps its own. What a run cost holds up no comment. */
  lane({ data }: Requested): string {
    if (isReport(data)) return `report ${data.workItem}`;
    return data.channel === 'chat' ? 'chat' : `${data.channel} ${data.workItem}`;
  }

  async act(event: Requested, outcome: Outcome): Promise<void> {
    const { channel, asks } = event.data;
    try {
      const delivered = await this.deliver(event);
      await outcome.report(ReportNotificationDelivered, event.stream, {
        channel,
        ...delivered,
        ...(asks ? { asks } : {}),
      });
    } catch (error) {
      if (!isFinal(error)) throw error;
      await outcome.report(ReportNotificationDropped, event.stream, { channel, reason: error.message });
    }
  }

  private deliver(event: Requested): Promise<Delivered> {
    switch (event.data.channel) {
      case 'chat':
        return this.chat(event);
      case 'item-comment':
        return this.comment(event);
      case 'item-status':
        return this.status(event);
    }
  }

  private async chat({ data }: Requested): Promise<Delivered> {
    const text = this.world.messages.text(data.message, data.params);
    if (!this.world.notifier.enabled) return { how: 'recorded', text };
    await this.world.notifier.send(text);
    return { how: 'sent', text };
  }

  private async comment(event: Requested): Promise<Delivered> {
    const task = await this.task(event);
    const text = this.world.messages.text(event.data.message, event.data.params);
    await this.world.tracker.comment(task.project_id, task.plane_id, {
      key: event.id,
      text,
      isReport: isReport(event.data),
    });
    return { how: 'sent', text };
  }

  private async status(event: Requested): Promise<Delivered> {
    const task = await this.task(event);
    const key = event.data.statusKey;
    const remapped = projectOf(this.world.policy, task.repo)?.statusNames ?? {};
    if (key === null) throw new Undeliverable('no status is named');
    const id = statusIdOf(await this.world.tracker.statuses(task.project_id), key, remapped);
    if (id === null) throw new Undeliverable(`the tracker's project has no status ${nameOf(key, remapped)}`);
    await this.world.tracker.setStatus(task.project_id, task.plane_id, id);
    return { how: 'sent', text: nameOf(key, remapped) };
  }

  private async task({ data }: Requested): Promise<TaskRow> {
    const task = await this.world.work.taskOf(data.workItem);
    if (!task) throw new Undeliverable(`${data.workItem} has no task`);
    return task;
  }
}

function isReport({ channel, message }: NotificationRequested['data']): boolean {
  return channel === 'item-comment' && message === 'usage';
}

function isFinal(error: unknown): error is Error {
  return error instanceof TrackerRefused || error instanceof NotifierRefused || error instanceof Undeliverable;
}

/** There is nobody, or nothing, to deliver to; asking again will not change that. */
export class Undeliverable extends Error {
  constructor(why: string) {
    super(`Not delivered: ${why}`);
    this.name = 'Undeliverable';
  }
}

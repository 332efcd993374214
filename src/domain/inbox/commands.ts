import { Command } from '../../kernel/command.js';
import type { StatusKey } from '../../kernel/pipeline/stage.js';
import type { Blocker, DeliveryReceived } from './events.js';

export class ReceiveDelivery extends Command<DeliveryReceived['data']> {
  readonly type = 'ReceiveDelivery';
}

export class CloseDelivery extends Command<{ readonly result: string }> {
  readonly type = 'CloseDelivery';
}

/** An item as the tracker has it now, and the change that a webhook proves, if any. */
export class ObserveItem extends Command<{
  readonly itemId: string;
  readonly projectId: string;
  readonly workItem: string;
  readonly repo: string;
  readonly title: string;
  readonly description: string;
  /** In the order they happened. */
  readonly entries: readonly ObservedEntry[];
  readonly feedback: readonly string[];
  /** What its relations say it waits for; asked for only when work may start. */
  readonly blockedBy?: readonly Blocker[];
}> {
  readonly type = 'ObserveItem';
}

export interface ObservedEntry {
  /** Null: a poll does not know where the item came from. */
  readonly fromId: string | null;
  readonly toId: string;
  readonly toKey: StatusKey | null;
  readonly by: string | null;
  /** ISO-8601; when the tracker says that it was done; null or absent: unknown. */
  readonly at?: string | null;
  readonly ours: boolean;
  readonly via: 'webhook' | 'poll';
  /**
   * Of a poll: what was on record before the tracker was asked. If something else is by now, the reading is older than the record and
   * proves nothing.
   */
  readonly whenLastWas?: string | null;
}

export class ReportItemVanished extends Command<{ readonly itemId: string }> {
  readonly type = 'ReportItemVanished';
}

export type InboxCommand = ReceiveDelivery | CloseDelivery | ObserveItem | ReportItemVanished;

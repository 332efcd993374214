import type { DomainEvent } from '../../kernel/event.js';
import type { Json } from '../../kernel/json.js';
import type { StatusKey } from '../../kernel/pipeline/stage.js';

/** A webhook, as it came, durably before it was answered. A hint to look, not a fact about the world. */
export type DeliveryReceived = DomainEvent<
  'DeliveryReceived',
  {
    readonly source: 'plane' | 'gitea';
    /** Of Plane a new one on every retry. */
    readonly deliveryId: string | null;
    /** SHA-256 of the raw body, hex. */
    readonly digest: string;
    readonly event: string;
    /** What the body says, in the pipeline's words; the reader's answer. */
    readonly says: { readonly [key: string]: Json };
    readonly body: Json;
  }
>;

export type DeliveryHandled = DomainEvent<'DeliveryHandled', { readonly result: string }>;

/** An observed entry into a status: proven by a webhook's activity, or by a poll that found another status than before (AMB-35). */
export type StatusEntered = DomainEvent<
  'StatusEntered',
  {
    readonly itemId: string;
    readonly projectId: string;
    readonly workItem: string;
    readonly repo: string;
    readonly fromId: string | null;
    readonly toId: string;
    readonly toKey: StatusKey | null;
    /** `plane:<user>`; null when it could not be established. */
    readonly by: string | null;
    /** When the tracker says that it was done; null or absent when it could not be established (RC-14). */
    readonly enteredAt?: string | null;
    /** Our own account: an echo, never a gesture. */
    readonly ours: boolean;
    readonly via: 'webhook' | 'poll';
    /** A late webhook told of it when a poll had recorded a later entry: what was said counts, where the item is does not change. */
    readonly overtaken?: true;
    /** The item's task, if it has one by now. */
    readonly taskId: number | null;
    /** Newest comments, for a rejection. */
    readonly feedback: readonly string[];
  }
>;

/** The first In Progress by a person: the position of this event is the task's number. */
export type TaskRequested = DomainEvent<
  'TaskRequested',
  {
    readonly itemId: string;
    readonly projectId: string;
    readonly workItem: string;
    readonly repo: string;
    readonly title: string;
    readonly description: string;
    /** Absent: nothing. */
    readonly blockedBy?: readonly Blocker[];
  }
>;

/** A work item that another one waits for. */
export interface Blocker {
  readonly workItem: string;
  /** Done or cancelled already. */
  readonly ended: boolean;
}

/** The tracker no longer knows the item. */
export type ItemVanished = DomainEvent<'ItemVanished', { readonly itemId: string; readonly taskId: number | null }>;

/** The item that a task was opened for is gone: nobody can steer the task from the tracker any more (UNK-47). */
export type TaskLostItem = DomainEvent<
  'TaskLostItem',
  { readonly itemId: string; readonly taskId: number; readonly workItem: string; readonly repo: string }
>;

export type InboxEvent =
  DeliveryReceived | DeliveryHandled | StatusEntered | TaskRequested | ItemVanished | TaskLostItem;

import type { DomainEvent } from '../../kernel/event.js';
import type { StatusKey } from '../../kernel/pipeline/stage.js';

/** Where a message goes: people's chat, the item's comments, or the item's status. */
export type Channel = 'chat' | 'item-comment' | 'item-status';

export interface AskedConfirmation {
  readonly taskId: number;
  readonly visit: number;
  readonly request: number;
}

/** Intent: tell somebody, once. The text is made from the catalogue when it is sent. */
export type NotificationRequested = DomainEvent<
  'NotificationRequested',
  {
    readonly channel: Channel;
    /** Key of the message catalogue; of a status change `status`. */
    readonly message: string;
    readonly workItem: string;
    readonly statusKey: StatusKey | null;
    readonly params: Readonly<Record<string, string>>;
    /** Set where a person is asked to confirm a deploy: the request that the answer has to be given to. */
    readonly asks?: AskedConfirmation;
  }
>;

export type NotificationDelivered = DomainEvent<
  'NotificationDelivered',
  {
    readonly channel: Channel;
    /** `recorded`: nobody is configured to be told. */
    readonly how: 'sent' | 'recorded';
    /** What was said; for a status its name. */
    readonly text: string;
    readonly asks?: AskedConfirmation;
  }
>;

export type NotificationDropped = DomainEvent<
  'NotificationDropped',
  { readonly channel: Channel; readonly reason: string }
>;

export type NotificationEvent = NotificationRequested | NotificationDelivered | NotificationDropped;

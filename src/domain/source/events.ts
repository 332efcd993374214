import type { DomainEvent } from '../../kernel/event.js';

export type SourceName = 'plane' | 'gitea';

/** One change in a source that mattered, and how late it was noticed: what loss and delay of webhooks are measured by. */
export type ChangeNoticed = DomainEvent<
  'ChangeNoticed',
  {
    readonly source: SourceName;
    /** Position of the event that tells of the change; the saga hears them in order, so an old one was counted before. */
    readonly change: number;
    /** The work item that it was about. */
    readonly subject: string;
    /** `poll`: its webhook was lost, or is later than the poll. */
    readonly via: 'webhook' | 'poll';
    /** From the change to its record; null when nobody says when it was made. */
    readonly delayMs: number | null;
  }
>;

/** Polls find one change after the other, and no webhook comes: the hook is probably switched off. */
export type WebhooksMissed = DomainEvent<
  'WebhooksMissed',
  { readonly source: SourceName; readonly missed: number; readonly since: string }
>;

/** A webhook came again after some were missed. */
export type WebhooksHeard = DomainEvent<
  'WebhooksHeard',
  {
    readonly source: SourceName;
    readonly missed: number;
    /** Set when people were told of the silence. */
    readonly silentSince: string | null;
  }
>;

export type SourceEvent = ChangeNoticed | WebhooksMissed | WebhooksHeard;

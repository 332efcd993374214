/** The tracker as the pipeline knows it. Adapters: `plane/`. */
export const TRACKER = Symbol('Tracker');

export interface TrackerStatus {
  readonly id: string;
  readonly name: string;
  /** `backlog | unstarted | started | completed | cancelled` or what the tracker adds. */
  readonly group: string;
}

export interface WorkItem {
  readonly itemId: string;
  readonly projectId: string;
  readonly sequenceId: number;
  readonly title: string;
  /** Plain text; data, never instruction. */
  readonly description: string;
  readonly statusId: string;
  /** ISO-8601, any offset. Proves nothing about the status (AMB-35). */
  readonly updatedAt: string;
}

export interface ItemRef {
  readonly projectId: string;
  readonly itemId: string;
}

/** One change of status out of the item's history: the audit source (actor and time of a gesture). */
export interface StatusChange {
  readonly fromId: string | null;
  readonly toId: string | null;
  readonly actorId: string;
  /** ISO-8601 UTC. */
  readonly at: string;
}

export interface TrackerComment {
  readonly authorId: string;
  readonly at: string;
  /** Without markup. */
  readonly text: string;
}

export interface NewComment {
  readonly key: string;
  readonly text: string;
  /** Nobody waits for it: it goes when calls are to spare (PS-12). */
  readonly isReport?: boolean;
}

export interface Tracker {
  /** The account that the orchestrator writes with; its own entries never count as gestures. */
  ownAccountId(): Promise<string>;
  statuses(projectId: string): Promise<readonly TrackerStatus[]>;
  /** Null when the item is gone. */
  workItem(projectId: string, itemId: string): Promise<WorkItem | null>;
  /** Newest change first; ends before the first item that changed before `since`. */
  changedSince(projectId: string, since: string | null): Promise<readonly WorkItem[]>;
  statusHistory(projectId: string, itemId: string): Promise<readonly StatusChange[]>;
  /** The items that the relations of this one say it is blocked by; none where the tracker keeps no relations. */
  blockedBy(projectId: string, itemId: string): Promise<readonly ItemRef[]>;
  /** Oldest first, those of our own account among them. */
  comments(projectId: string, itemId: string): Promise<readonly TrackerComment[]>;
  /** Conditional: answers with the status that the tracker then reports. */
  setStatus(projectId: string, itemId: string, statusId: string): Promise<string>;
  /** Keyed: the same key posts once. */
  comment(projectId: string, itemId: string, comment: NewComment): Promise<void>;
}

/** A change of status that a webhook proves. */
export interface TrackerStatusChange {
  readonly fromId: string | null;
  readonly toId: string;
  readonly actorId: string;
  /** ISO-8601 UTC. When the item was last touched as the body was made: the change itself, or something shortly after it. */
  readonly at: string | null;
}

/** What a webhook body says, before anything is believed. */
export type TrackerDelivery =
  | {
      readonly kind: 'item-changed';
      readonly projectId: string;
      readonly itemId: string;
      /** Set when the delivery itself proves a change of status. */
      readonly statusChange: TrackerStatusChange | null;
    }
  | { readonly kind: 'item-deleted'; readonly projectId: string | null; readonly itemId: string }
  | { readonly kind: 'ignored'; readonly reason: string };

/** The tracker cannot be used right now; try again later. */
export class TrackerUnavailable extends Error {
  constructor(
    what: string,
    readonly retryAfterMs: number | null = null,
    options?: ErrorOptions,
  ) {
    super(`Tracker: ${what}`, options);
    this.name = 'TrackerUnavailable';
  }
}

/** The tracker understood and said no; asking again will not help. */
export class TrackerRefused extends Error {
  constructor(
    what: string,
    readonly status: number,
  ) {
    super(`Tracker refused: ${what}`);
    this.name = 'TrackerRefused';
  }
}

import type { DomainEvent } from '../../kernel/event.js';

/** A commit, and its tree without `docs/work-items/`. */
export interface Revision {
  readonly head: string;
  readonly codeTree: string;
}

/** A hook is about to change production; whatever was watched until now is no longer what runs there. */
export type ReleaseAnnounced = DomainEvent<
  'ReleaseAnnounced',
  {
    readonly repo: string;
    readonly deployId: number;
    readonly taskId: number;
    readonly workItem: string;
    readonly visit: number;
    readonly round: number;
    readonly revision: Revision;
  }
>;

/** What is watched, and after which deploy; the number is the position of the event that armed it. */
export interface WatchRef {
  readonly watchId: number;
  readonly repo: string;
  readonly taskId: number;
  readonly workItem: string;
  /** Null: an agent deployed, and no hook of ours knows what. */
  readonly deployId: number | null;
  readonly revision: Revision | null;
  /** The watch whose verdict led to the rollback that is watched here. */
  readonly rollbackOf: number | null;
}

/** The whole schedule, which settings that change later and restarts leave as it is (PD-14). */
export interface Schedule {
  readonly startedAt: string;
  readonly until: string;
  readonly intervalMs: number;
  /** How many checks the window has room for. */
  readonly checks: number;
  /** So many failed checks in a row are DEGRADED. */
  readonly threshold: number;
}

export type WatchArmed = DomainEvent<'WatchArmed', WatchRef & { readonly schedule: Schedule }>;

/**
 * `failed`: production answered otherwise than 2xx, too late, or nobody listens there. `unmeasured`: we could not ask (no name, no network,
 * no address), which says nothing of production.
 */
export type ProbeAnswer = 'ok' | 'failed' | 'unmeasured';

export type ProductionProbed = DomainEvent<
  'ProductionProbed',
  {
    readonly repo: string;
    readonly watchId: number;
    /** Which check of the schedule, from 1. */
    readonly check: number;
    /** Checks before it that nobody made, because nobody was there; they are not made up. */
    readonly missed: number;
    readonly answer: ProbeAnswer;
    /** `HTTP 503`, `no answer within 5 s`, … */
    readonly detail: string;
    readonly failedInRow: number;
    /** Named when the answer is another one than before: the others are no part of the item's story. */
    readonly workItem: string | null;
  }
>;

/** INCONCLUSIVE: too little was measured for either of the others, or a newer release took its place. */
export type WatchStatus = 'HEALTHY' | 'DEGRADED' | 'INCONCLUSIVE';

export type WatchAction = 'NONE' | 'ALERT_ONLY' | 'ROLLBACK';

export interface CheckCounts {
  /** Checks that were made, whatever came of them. */
  readonly total: number;
  readonly failed: number;
  readonly unmeasured: number;
  readonly missed: number;
}

export type WatchEnded = DomainEvent<
  'WatchEnded',
  WatchRef & {
    readonly status: WatchStatus;
    readonly action: WatchAction;
    readonly reason: string;
    /** Why nothing more, or nothing less, is done about a DEGRADED; null for any other status. */
    readonly actionReason: string | null;
    /** Another release took its place before the window was over: nothing is wrong, and nobody has to look. */
    readonly overtaken: boolean;
    readonly schedule: Schedule;
    readonly checks: CheckCounts;
    readonly endedAt: string;
    /** How many watches of the repository ended DEGRADED one after the other, this one included; from the second on people are paged. */
    readonly degradedInRow: number;
  }
>;

/** Intent of the second stream: a deploy of the last verified revision, numbered by this event's position (RB-13). */
export type RollbackOrdered = DomainEvent<
  'RollbackOrdered',
  {
    readonly repo: string;
    readonly watchId: number;
    readonly taskId: number;
    readonly workItem: string;
    readonly visit: number;
    readonly round: number;
    readonly from: Revision;
    readonly to: Revision;
  }
>;

/** The rollback itself did not come through; production is in an unknown state and a person must look. */
export type RollbackFailed = DomainEvent<
  'RollbackFailed',
  {
    readonly repo: string;
    readonly watchId: number;
    readonly deployId: number;
    readonly taskId: number;
    readonly workItem: string;
    readonly reason: string;
  }
>;

/** The verdict is on the kept branch as 16-post-deploy-log.md. */
export type WatchLogPublished = DomainEvent<
  'WatchLogPublished',
  { readonly repo: string; readonly watchId: number; readonly workItem: string; readonly head: string }
>;

export type PostDeployEvent =
  ReleaseAnnounced | WatchArmed | ProductionProbed | WatchEnded | RollbackOrdered | RollbackFailed | WatchLogPublished;

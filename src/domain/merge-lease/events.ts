import type { DomainEvent } from '../../kernel/event.js';

/** Who holds it: the branch is the identity (MG-03), the rest is for people and for taking it back. */
export interface LeaseHolder {
  readonly branch: string;
  readonly workItem: string;
  readonly taskId: number;
}

/** The process that works under the lease: this start of the orchestrator, and no other that is given its pid later. */
export interface LeaseInstance {
  readonly id: string;
  readonly pid: number;
  readonly startTicks: number | null;
  readonly bootId: string | null;
}

/** One merge at a time: from here on only outcomes with this event's revision as their fence count. */
export type MergeLeaseGranted = DomainEvent<
  'MergeLeaseGranted',
  LeaseHolder & {
    readonly repo: string;
    readonly instance: LeaseInstance;
    readonly acquiredAt: string;
    readonly expiresAt: string;
  }
>;

/** The holder is still at work. */
export type MergeLeaseRenewed = DomainEvent<
  'MergeLeaseRenewed',
  { readonly repo: string; readonly workItem: string; readonly fence: number; readonly expiresAt: string }
>;

export type MergeLeaseReleased = DomainEvent<
  'MergeLeaseReleased',
  {
    readonly repo: string;
    readonly branch: string;
    readonly workItem: string;
    readonly fence: number;
    readonly reason: string;
  }
>;

/** Taken from a holder that is dead or has not renewed it; dead is said first where both are so (MG-26). */
export type MergeLeaseReclaimed = DomainEvent<
  'MergeLeaseReclaimed',
  {
    readonly repo: string;
    readonly branch: string;
    readonly workItem: string;
    readonly fence: number;
    readonly because: 'dead-pid' | 'expired';
    readonly reason: string;
  }
>;

export type MergeLeaseEvent = MergeLeaseGranted | MergeLeaseRenewed | MergeLeaseReleased | MergeLeaseReclaimed;

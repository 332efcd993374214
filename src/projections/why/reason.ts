import type { WaitReason } from '../../domain/admission/events.js';

/** One thing that has to be otherwise before the task moves. */
export interface Reason {
  readonly code: ReasonCode;
  /** What holds it: a work item, a repository, a job, a gate, a pull request. */
  readonly ref: string;
  readonly since: string;
  /** The event that put it there. */
  readonly position: number | null;
  readonly actor: string | null;
  readonly clearsWhen: string;
}

export type ReasonCode =
  | WaitReason['code']
  | ('publication' | 'back-off' | 'budget' | 'resilience' | 'slot')
  | ('approval' | 'confirmation' | 'gate' | 'merge' | 'merge-lease' | 'failed' | 'escalated');

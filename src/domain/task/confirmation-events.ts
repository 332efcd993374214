import type { DomainEvent } from '../../kernel/event.js';
import type { Commit, TaskRef, Verdict } from './words.js';

/** Phase A: exactly this is what a person is asked to confirm (DEP-02). */
export type ConfirmationRequested = DomainEvent<
  'ConfirmationRequested',
  TaskRef & {
    readonly visit: number;
    /** From 1 over the task's life; a confirmation counts for one request. */
    readonly request: number;
    /** What is to be merged and deployed. */
    readonly commit: Commit;
    readonly pullRequest: number;
    /** The code tree that staging was healthy with. */
    readonly stagedTree: string;
    /** Head of the default branch that the branch contains; null where no merge gate has looked. */
    readonly base: string | null;
    readonly verdicts: readonly Verdict[];
    /** Why it is asked again; absent on the first time. */
    readonly because?: string;
    readonly note: 'self-deploy-approval-pending';
  }
>;

/** The request has reached people; what was done before that is no answer to it. */
export type ConfirmationSent = DomainEvent<
  'ConfirmationSent',
  { readonly visit: number; readonly request: number; readonly sentAt: string }
>;

/** A person confirmed the open request, and nothing else. */
export type DeployConfirmed = DomainEvent<
  'DeployConfirmed',
  {
    readonly visit: number;
    readonly request: number;
    readonly commit: Commit;
    readonly by: string;
    /** When the person did it, by the tracker's history. */
    readonly at: string;
    readonly note: 'self-deploy-initiated';
  }
>;

/** The way to production waits; recorded once per reason. Nothing is merged and no hook is started while it does. */
export type ProductionHeld = DomainEvent<
  'ProductionHeld',
  TaskRef & { readonly visit: number; readonly reason: string }
>;

/** The merge came to other code than was staged (AMB-31). It is never deployed before it has been staged itself. */
export type MergedCodeDiffered = DomainEvent<
  'MergedCodeDiffered',
  TaskRef & { readonly visit: number; readonly staged: Commit; readonly merged: Commit }
>;

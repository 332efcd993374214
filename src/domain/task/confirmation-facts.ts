import type { Commit, TaskRef, Verdict } from './words.js';

export type AskedConfirmation = TaskRef & {
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
};

export type SentConfirmation = { readonly visit: number; readonly request: number; readonly sentAt: string };

export type GivenConfirmation = {
  readonly visit: number;
  readonly request: number;
  readonly commit: Commit;
  readonly by: string;
  /** When the person did it, by the tracker's history. */
  readonly at: string;
  readonly note: 'self-deploy-initiated';
};

export type HeldProduction = TaskRef & { readonly visit: number; readonly reason: string };

export type UnstagedMerge = TaskRef & { readonly visit: number; readonly staged: Commit; readonly merged: Commit };

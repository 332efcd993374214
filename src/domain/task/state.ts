import type { Gate, Stage } from '../../kernel/pipeline/stage.js';
import type { ArtifactWritten, Commit, GateAnswer, Performer, TaskOpened, Verdict } from './events.js';
import type { WorkingStage } from './stages.js';

/** What the current visit is doing; each step exists only where it means something. */
export type Step =
  | {
      readonly kind: 'working';
      /** Number of the job or deploy; null while none is asked for. */
      readonly work: number | null;
      readonly performer: Performer;
    }
  | { readonly kind: 'judging'; readonly check: { readonly head: string; readonly trigger: string } | null }
  | {
      readonly kind: 'awaiting-confirmation';
      readonly request: number;
      readonly commit: Commit;
      /** Null until the request has reached people. */
      readonly sentAt: string | null;
    }
  | { readonly kind: 'merging'; readonly pullRequest: number }
  | { readonly kind: 'failed'; readonly reason: string };

export interface OpenTaskState {
  readonly status: 'open';
  readonly facts: TaskOpened['data'];
  /** Of the newest event in the task's stream; what a decision adds comes after it. */
  readonly revision: number;
  readonly stage: WorkingStage | 'created';
  readonly visit: number;
  readonly round: number;
  readonly step: Step;
  /** The published head of the branch; null before the first work is published. */
  readonly commit: Commit | null;
  readonly merged: Commit | null;
  /** On the default branch without having been staged: it is staged there, and not merged again. */
  readonly landed: Commit | null;
  /** What the last staging run deployed. */
  readonly staged: Commit | null;
  readonly pullRequest: number | null;
  /** Written in the current visit. */
  readonly artifacts: readonly ArtifactWritten[];
  /** Last answers of the current visit. */
  readonly answers: Readonly<Partial<Record<Gate, { readonly answer: GateAnswer; readonly reason: string }>>>;
  /** The newest answer of every gate on the way that led here. */
  readonly verdicts: Readonly<Partial<Record<Gate, Verdict & { readonly stage: Stage; readonly base: string | null }>>>;
  readonly approvalRequested: boolean;
  /** How often a confirmation has been asked for. */
  readonly requests: number;
  /** Why the way to production waits. */
  readonly held: string | null;
  readonly retries: number;
  readonly escalated: boolean;
}

export type TaskState =
  | { readonly status: 'unopened' }
  | OpenTaskState
  | {
      readonly status: 'closed';
      readonly facts: TaskOpened['data'];
      readonly stage: 'done' | 'cancelled';
      readonly worktreeRemoved: boolean;
    };

export const UNOPENED: TaskState = { status: 'unopened' };

/** Whether a report of a merge belongs to the merge that is under way; any other only closes its intent. */
export function isMerging(state: OpenTaskState, visit: number): boolean {
  return state.step.kind === 'merging' && state.visit === visit;
}

/** Whether an answer belongs to what the task is doing now. */
export function isCurrent(state: OpenTaskState, answer: { readonly visit: number; readonly round: number }): boolean {
  return answer.visit === state.visit && answer.round === state.round;
}

import type { DomainEvent } from '../../kernel/event.js';
import type { Gate, Role, Stage } from '../../kernel/pipeline/stage.js';
import type {
  AskedConfirmation,
  GivenConfirmation,
  HeldProduction,
  SentConfirmation,
  UnstagedMerge,
} from './confirmation-facts.js';
import type { ArtifactWritten, Commit, GateAnswer, Performer, TaskRef, Verdict } from './words.js';

export type { ArtifactWritten, Commit, GateAnswer, Performer, TaskRef, Verdict };

/** A person moved the item to In Progress and it had no task. */
export type TaskOpened = DomainEvent<
  'TaskOpened',
  {
    readonly taskId: number;
    readonly workItem: string;
    readonly itemId: string;
    readonly projectId: string;
    readonly repo: string;
    readonly title: string;
    readonly description: string;
    /** Named before it exists (BR-07). */
    readonly branch: string;
    /** What the tracker's relations said that it waits for; absent: nothing. */
    readonly blockedBy?: readonly { readonly workItem: string; readonly ended: boolean }[];
  }
>;

/** All gates of `from` are green. */
export type TaskAdvanced = DomainEvent<
  'TaskAdvanced',
  TaskRef & {
    readonly from: Stage;
    readonly to: Stage;
    /** Counts every entry into a stage; verdicts of an older visit are absent. */
    readonly visit: number;
  }
>;

/** A recorded verdict, or a person, sent the task back to a stage, usually development. */
export type TaskSentBack = DomainEvent<
  'TaskSentBack',
  TaskRef & {
    readonly from: Stage;
    readonly to: Stage;
    readonly visit: number;
    readonly reason: string;
    /** Developer retries used so far, this one included (UNK-04). */
    readonly retries: number;
  }
>;

/** The retries are used up; background work leaves the task alone until a person restarts it (RB-05). */
export type TaskEscalated = DomainEvent<
  'TaskEscalated',
  TaskRef & { readonly stage: Stage; readonly reason: string; readonly retries: number }
>;

export type TaskCancelled = DomainEvent<'TaskCancelled', TaskRef & { readonly from: Stage; readonly reason: string }>;

/** The stage's work is to be done; exactly one job or deploy follows, numbered by this event's position. */
export type WorkRequested = DomainEvent<
  'WorkRequested',
  {
    readonly taskId: number;
    readonly workItem: string;
    readonly repo: string;
    readonly stage: Stage;
    readonly visit: number;
    /** From 1; a second round in one visit is a restart. */
    readonly round: number;
    readonly performer: Performer;
    readonly role: Role;
    /** The commit that a hook is to deploy; null for an agent. */
    readonly revision: Commit | null;
    /** Why the work is done again, newest first. */
    readonly feedback: readonly string[];
  }
>;

/** The work of the stage is published on the branch. Says nothing of its quality: that is the gate's (INV-07). */
export type WorkFinished = DomainEvent<
  'WorkFinished',
  {
    readonly stage: Stage;
    readonly visit: number;
    readonly round: number;
    /** `job-<n>` or `deploy-<n>`. */
    readonly by: string;
    readonly commit: Commit;
    readonly artifacts: readonly ArtifactWritten[];
    readonly pullRequest: number | null;
  }
>;

/** The job or deploy ended without a result; a person has to look. */
export type WorkFailed = DomainEvent<
  'WorkFailed',
  TaskRef & {
    readonly stage: Stage;
    readonly visit: number;
    readonly round: number;
    readonly by: string;
    readonly reason: string;
  }
>;

/** Intent: read the world and answer these gates, in this order. */
export type GateCheckRequested = DomainEvent<
  'GateCheckRequested',
  {
    readonly taskId: number;
    readonly workItem: string;
    readonly repo: string;
    readonly branch: string;
    readonly stage: Stage;
    readonly visit: number;
    readonly round: number;
    readonly gates: readonly Gate[];
    readonly commit: Commit;
    /** Set where the change is on the default branch already: that is what staging has to run. */
    readonly landed: Commit | null;
    /** The artifacts that runs of this visit wrote; no other verdict counts. */
    readonly artifacts: readonly ArtifactWritten[];
    readonly pullRequest: number | null;
    readonly trigger: string;
  }
>;

/** Recorded when the answer or its reason changes, never repeated while they stay the same. */
export type GateEvaluated = DomainEvent<
  'GateEvaluated',
  {
    readonly stage: Stage;
    readonly visit: number;
    readonly gate: Gate;
    readonly answer: GateAnswer;
    readonly reason: string;
    /** What was read: path and digest of a file, commit of a status. */
    readonly evidence: Readonly<Record<string, string>>;
  }
>;

/**
 * The merge gate brought the branch up to date: the same commits on top of the default branch, tested again and pushed. From here on
 * this is what the task would merge; where the code tree is another one, what was staged is void (AMB-28).
 */
export type BranchRebased = DomainEvent<
  'BranchRebased',
  TaskRef & {
    readonly visit: number;
    readonly from: Commit;
    readonly to: Commit;
    /** Head of the default branch that it stands on now. */
    readonly onto: string;
  }
>;

/** The intent is closed, whether anything changed or not. */
export type GateCheckAnswered = DomainEvent<
  'GateCheckAnswered',
  {
    readonly visit: number;
    readonly round: number;
    readonly green: boolean;
    /** Who asked for the look; absent: the check was not under way any more. */
    readonly trigger?: string;
    /** When what the gates read last changed, as far as the forge says so. */
    readonly changedAt?: string | null;
  }
>;

/** A look of the reconciler moved the task on: nobody had told that its gates were green (RC-16..19). */
export type TaskUnblocked = DomainEvent<
  'TaskUnblocked',
  TaskRef & {
    /** The stage that it stood in. */
    readonly stage: Stage;
    readonly visit: number;
    /** Whose webhook was lost; null when nobody outside had anything to tell. */
    readonly source: 'gitea' | null;
    readonly changedAt: string | null;
  }
>;

/** The requested work is no longer wanted; its job or deploy is to be stopped. */
export type WorkWithdrawn = DomainEvent<
  'WorkWithdrawn',
  {
    /** Position of the `WorkRequested`, which is the number of the job or deploy. */
    readonly work: number;
    readonly performer: Performer;
    readonly reason: string;
  }
>;

/** A person starts the stage's work again; the retries count from 0 (UNK-06). */
export type TaskRestarted = DomainEvent<
  'TaskRestarted',
  TaskRef & { readonly stage: Stage; readonly visit: number; readonly by: string }
>;

/** Phase A: exactly this is what a person is asked to confirm (DEP-02). */
export type ConfirmationRequested = DomainEvent<'ConfirmationRequested', AskedConfirmation>;

/** The request has reached people; what was done before that is no answer to it. */
export type ConfirmationSent = DomainEvent<'ConfirmationSent', SentConfirmation>;

/** A person confirmed the open request, and nothing else. */
export type DeployConfirmed = DomainEvent<'DeployConfirmed', GivenConfirmation>;

/** The way to production waits; recorded once per reason. Nothing is merged and no hook is started while it does. */
export type ProductionHeld = DomainEvent<'ProductionHeld', HeldProduction>;

/** The merge came to other code than was staged (AMB-31). It is never deployed before it has been staged itself. */
export type MergedCodeDiffered = DomainEvent<'MergedCodeDiffered', UnstagedMerge>;

/** The analysis set is complete; a person is asked to move the item to Approved. */
export type ApprovalRequested = DomainEvent<
  'ApprovalRequested',
  TaskRef & { readonly stage: Stage; readonly visit: number }
>;

export type ApprovalGiven = DomainEvent<
  'ApprovalGiven',
  TaskRef & { readonly stage: Stage; readonly visit: number; readonly by: string }
>;

/** A gesture that changes nothing, kept because somebody will ask why nothing happened. */
export type GestureIgnored = DomainEvent<
  'GestureIgnored',
  TaskRef & {
    readonly gesture: string;
    readonly stage: Stage;
    readonly by: string;
    readonly reason: string;
    /** The engine's name for a gesture that is often made in vain (CD-07, ENG-07). */
    readonly note?: 'self-deploy-already-initiated' | 'approved-on-deploy-noop';
    /** Somebody wanted a deploy and it cannot be told who or when: the operators have to know (RC-14). */
    readonly unproven?: true;
    /** It was meant for the open request to confirm, which stays open: the operators have to know (RC-14). */
    readonly unanswered?: true;
  }
>;

/** Intent: land exactly this head. Done by code, never by an agent (AMB-31). */
export type MergeRequested = DomainEvent<
  'MergeRequested',
  {
    readonly taskId: number;
    readonly workItem: string;
    readonly repo: string;
    readonly branch: string;
    readonly visit: number;
    readonly pullRequest: number;
    readonly commit: Commit;
    readonly title: string;
  }
>;

/** The default branch contains the head; read from git, not from the forge's answer. */
export type ChangeMerged = DomainEvent<
  'ChangeMerged',
  { readonly visit: number; readonly pullRequest: number; readonly commit: Commit }
>;

export type MergeRefused = DomainEvent<
  'MergeRefused',
  { readonly visit: number; readonly pullRequest: number; readonly reason: string; readonly mainMoved?: boolean }
>;

/** The ended task's worktree is gone; its branch is kept (UNK-19, UNK-25). */
export type WorktreeRemoved = DomainEvent<'WorktreeRemoved', TaskRef>;

export type TaskEvent =
  | TaskOpened
  | TaskAdvanced
  | TaskSentBack
  | TaskEscalated
  | TaskCancelled
  | WorkRequested
  | WorkFinished
  | WorkFailed
  | GateCheckRequested
  | GateEvaluated
  | BranchRebased
  | GateCheckAnswered
  | TaskUnblocked
  | ApprovalRequested
  | ApprovalGiven
  | GestureIgnored
  | WorkWithdrawn
  | TaskRestarted
  | ConfirmationRequested
  | ConfirmationSent
  | DeployConfirmed
  | ProductionHeld
  | MergedCodeDiffered
  | MergeRequested
  | ChangeMerged
  | MergeRefused
  | WorktreeRemoved;

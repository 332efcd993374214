import type { DomainEvent } from '../../kernel/event.js';

export interface TaskInRepo {
  readonly repo: string;
  readonly taskId: number;
  readonly workItem: string;
}

/** The task takes part in the repository's order. */
export type TaskEnlisted = DomainEvent<'TaskEnlisted', TaskInRepo & { readonly since: string }>;

/** The task was let into analysis; remembered until it ends, or steps back because its analysis waits for a dependency. */
export type TaskAdmitted = DomainEvent<'TaskAdmitted', TaskInRepo>;

/** The task is done or cancelled. */
export type TaskRetired = DomainEvent<'TaskRetired', TaskInRepo>;

/** An operator parks the task; nothing is ever inferred (PA-01). */
export type TaskPaused = DomainEvent<'TaskPaused', TaskInRepo & { readonly by: string; readonly since: string }>;

export type TaskResumed = DomainEvent<'TaskResumed', TaskInRepo & { readonly by: string }>;

/** One more cause for which no analysis starts in the repository, until a person lifts it (SG-26). */
export type RepoFrozen = DomainEvent<
  'RepoFrozen',
  {
    readonly repo: string;
    readonly causeId: string;
    readonly reason: string;
    readonly by: string;
    readonly since: string;
    /** The work item whose deploy went wrong, if one did. */
    readonly workItem: string | null;
  }
>;

export type FreezeLifted = DomainEvent<
  'FreezeLifted',
  { readonly repo: string; readonly causeIds: readonly string[]; readonly by: string }
>;

/** The task waits for another work item, wherever that lives. */
export type DependencyDeclared = DomainEvent<
  'DependencyDeclared',
  TaskInRepo & { readonly dependsOn: string; readonly since: string; readonly by: string; readonly ended: boolean }
>;

export type DependencyWithdrawn = DomainEvent<
  'DependencyWithdrawn',
  TaskInRepo & { readonly dependsOn: string; readonly by: string }
>;

/** The work item that somebody waits for is done or cancelled (TD-04). */
export type DependencyEnded = DomainEvent<'DependencyEnded', { readonly repo: string; readonly dependsOn: string }>;

/** An analyst's job waits to be let in; only these are gated (SG-02). */
export type AdmissionRequested = DomainEvent<'AdmissionRequested', TaskInRepo & { readonly jobId: number }>;

/** Recorded once per change of reasons, never while they stay the same. */
export type JobHeld = DomainEvent<
  'JobHeld',
  TaskInRepo & { readonly jobId: number; readonly reasons: readonly WaitReason[] }
>;

export type JobReleased = DomainEvent<'JobReleased', TaskInRepo & { readonly jobId: number }>;

/** The job was claimed or has ended; it waits no more. */
export type AdmissionClosed = DomainEvent<'AdmissionClosed', TaskInRepo & { readonly jobId: number }>;

/** One of the questions that the gate asks. */
export type GatePartName = 'paused' | 'frozen' | 'dependencies' | 'activeTasks';

/** A question could not be answered (AMB-18). `holds`: nobody passes meanwhile; `opens`: it is passed over. */
export type GatePartFailed = DomainEvent<
  'GatePartFailed',
  {
    readonly repo: string;
    readonly part: GatePartName;
    readonly direction: 'opens' | 'holds';
    readonly error: string;
    /** Whose admission was asked about. */
    readonly workItem: string;
  }
>;

export type GatePartRecovered = DomainEvent<
  'GatePartRecovered',
  { readonly repo: string; readonly part: GatePartName }
>;

export interface WaitReason {
  readonly code: 'paused' | 'freeze' | 'dependency' | 'active-task';
  /** The work item or repository that holds it. */
  readonly ref: string;
  readonly since: string;
  /** Who put it there; null when nobody did. */
  readonly actor: string | null;
  /** What would release it, as a sentence for people. */
  readonly clearsWhen: string;
}

export type AdmissionEvent =
  | TaskEnlisted
  | TaskAdmitted
  | TaskRetired
  | TaskPaused
  | TaskResumed
  | RepoFrozen
  | FreezeLifted
  | DependencyDeclared
  | DependencyWithdrawn
  | DependencyEnded
  | AdmissionRequested
  | JobHeld
  | JobReleased
  | AdmissionClosed
  | GatePartFailed
  | GatePartRecovered;

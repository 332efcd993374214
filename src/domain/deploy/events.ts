import type { DomainEvent } from '../../kernel/event.js';
import type { Stage } from '../../kernel/pipeline/stage.js';

export type Environment = 'staging' | 'production';

/** A rollback is a deploy of the last verified revision by the project's other command. */
export type DeployAction = 'deploy' | 'rollback';

export interface Revision {
  readonly head: string;
  readonly codeTree: string;
}

/** Intent: run the project's hook for exactly this revision. */
export type DeployRequested = DomainEvent<
  'DeployRequested',
  {
    readonly deployId: number;
    readonly taskId: number;
    readonly workItem: string;
    readonly repo: string;
    readonly environment: Environment;
    readonly stage: Stage;
    readonly visit: number;
    readonly round: number;
    readonly action: DeployAction;
    readonly revision: Revision;
    /** What the environment ran last that was verified there; null when nothing was. */
    readonly previousRevision: Revision | null;
  }
>;

/** Nobody wanted it any more before it was asked for: the task was cancelled, or sent back. */
export type DeployWithdrawn = DomainEvent<'DeployWithdrawn', { readonly deployId: number; readonly reason: string }>;

/** Who is about to start it, and where its files are; from here on whoever takes it up looks there first (ADR 20). */
export type DeployClaimed = DomainEvent<
  'DeployClaimed',
  {
    readonly deployId: number;
    readonly orchestrator: string;
    readonly host: string;
    /** On that host. */
    readonly directory: string;
  }
>;

export type DeployStarted = DomainEvent<
  'DeployStarted',
  {
    readonly deployId: number;
    readonly pid: number;
    readonly startTicks: number;
    readonly bootId: string;
    readonly runDirectory: string;
    readonly startedAt: string;
  }
>;

/** The hook could not be started at all (UNK-41). */
export type DeployStartFailed = DomainEvent<
  'DeployStartFailed',
  {
    readonly deployId: number;
    readonly repo: string;
    readonly action: DeployAction;
    readonly taskId: number;
    readonly visit: number;
    readonly round: number;
    readonly reason: string;
  }
>;

/** One line that the hook printed (ST-01..16). */
export interface HookCheck {
  readonly check: string;
  readonly block: string;
  readonly kind: 'REAL' | 'SANDBOX_INFRA';
  readonly ok: boolean;
  readonly detail: string;
}

export type DeployFinished = DomainEvent<
  'DeployFinished',
  {
    readonly deployId: number;
    readonly repo: string;
    readonly environment: Environment;
    readonly action: DeployAction;
    readonly verdict: 'SUCCESS' | 'FAILED';
    /** Null: the hook never ended by itself. */
    readonly exitCode: number | null;
    readonly reason: string;
    readonly checks: readonly HookCheck[];
    /** Failed checks that were tolerated (ORCH-061). */
    readonly waived: readonly string[];
    readonly endedAt: string;
  }
>;

/** The verdict is on the branch as 14-deploy-log.md or 15-staging-log.md. */
export type DeployLogPublished = DomainEvent<
  'DeployLogPublished',
  {
    readonly deployId: number;
    readonly taskId: number;
    readonly stage: Stage;
    readonly visit: number;
    readonly round: number;
    readonly commit: Revision;
    readonly artifacts: readonly { readonly path: string; readonly digest: string }[];
  }
>;

export type DeployEvent =
  | DeployRequested
  | DeployWithdrawn
  | DeployClaimed
  | DeployStarted
  | DeployStartFailed
  | DeployFinished
  | DeployLogPublished;

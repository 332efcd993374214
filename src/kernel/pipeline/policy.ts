import type { Role, Stage, StatusKey } from './stage.js';

export const POLICY = Symbol('Policy');

/**
 * Every setting that a decision may depend on; nothing secret. Recorded as `SettingsChanged`, so that a replay knows
 * which switches were on, and handed to `decide` beside the state.
 */
export interface Policy {
  readonly maxConcurrency: number;
  readonly jobs: {
    readonly maxAttempts: number;
    readonly backoffBaseS: number;
    readonly transientMaxAttempts: number;
    /** Once the circuit breaker is open, one job is let through this often (UNK-11). */
    readonly breakerProbeS: number;
  };
  readonly serialGate: {
    readonly enabled: boolean;
    /** Empty = every repository (INV-17). */
    readonly repos: readonly string[];
    readonly freezeEnabled: boolean;
    readonly pauseEnabled: boolean;
    readonly dependenciesEnabled: boolean;
  };
  readonly deploy: {
    readonly selfHostingRepo: string;
    readonly requireManualApprove: boolean;
    readonly timeoutS: number;
    readonly stagingInfraToleranceEnabled: boolean;
  };
  readonly agent: {
    readonly timeoutS: number;
    readonly timeoutOverridesS: Readonly<Partial<Record<Role, number>>>;
    readonly killGraceS: number;
  };
  readonly reaper: {
    readonly enabled: boolean;
    readonly intervalS: number;
    readonly deadTicks: number;
    readonly maxRunningS: number;
    readonly finalizeGraceS: number;
    readonly leaseReclaimEnabled: boolean;
  };
  readonly reconcile: {
    readonly enabled: boolean;
    readonly planeEnabled: boolean;
    readonly intervalS: number;
    readonly graceDefaultS: number;
    readonly graceOverridesS: Readonly<Partial<Record<Stage, number>>>;
    readonly notifyUnblock: boolean;
    readonly skipBlockedEnabled: boolean;
    readonly confirmEnabled: boolean;
  };
  readonly merge: {
    readonly gateEnabled: boolean;
    /** Empty = the self-hosting repository (INV-16). */
    readonly gateRepos: readonly string[];
    readonly lockTimeoutS: number;
  };
  readonly postDeploy: {
    readonly enabled: boolean;
    /** Empty = every project with a production health address. */
    readonly repos: readonly string[];
    readonly windowS: number;
    readonly intervalS: number;
    readonly failThreshold: number;
    readonly autoRollback: boolean;
  };
  readonly budget: { readonly taskUsd: number; readonly dayUsd: number };
  readonly projects: readonly ProjectPolicy[];
}

/** What the project file says of one repository, without commands and addresses. */
export interface ProjectPolicy {
  readonly repo: string;
  readonly prefix: string;
  readonly planeProjectId: string;
  readonly defaultBranch: string;
  readonly ci: 'forge' | 'local';
  readonly review: 'artifact' | 'forge';
  /** Whether a hook is configured; without one the deployer agent does the stage (AG-10). */
  readonly stagingHook: boolean;
  readonly productionHook: boolean;
  readonly confirm: 'human' | 'auto';
  /** Where artifacts written after the merge go: the kept feature branch, or the default branch as well. */
  readonly artifacts: 'branch' | 'merge';
  /** Whether production names a health address to watch after a deploy, and a command that undoes one. */
  readonly productionHealth: boolean;
  readonly productionRollback: boolean;
  readonly statusNames: Readonly<Partial<Record<StatusKey, string>>>;
}

export function projectOf(policy: Policy, repo: string): ProjectPolicy | undefined {
  return policy.projects.find((project) => project.repo === repo);
}

/** Whether a branch is brought up to date and tested again before it is merged; empty names the self-hosting repository (MG-10). */
export function isInMergeGate({ merge, deploy }: Policy, repo: string): boolean {
  if (!merge.gateEnabled) return false;
  return merge.gateRepos.length > 0 ? merge.gateRepos.includes(repo) : repo === deploy.selfHostingRepo;
}

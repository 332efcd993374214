import type { Policy } from '../kernel/pipeline/policy.js';
import type { Role } from '../kernel/pipeline/stage.js';
import type { Environment } from './variables/environment.js';
import type { Project } from './projects.js';

/** Token of the one `Config` in Nest's container. */
export const CONFIG = Symbol('Config');

/** The settings of one start: read once, checked, grouped, frozen. An empty variable is null here. */
export interface Config {
  /** No project file and no tracker: tracker, forge and agent come from the sandbox, which also brings the project. */
  readonly sandbox: boolean;
  readonly projects: readonly Project[];
  /** What the operator should know, although it does not stop the start; one sentence each. */
  readonly warnings: readonly string[];

  readonly server: { readonly host: string; readonly port: number; readonly apiToken: string | null };
  readonly dataDir: string;
  readonly eventLog: { readonly kind: 'sqlite' | 'eventstoredb'; readonly path: string; readonly url: string };
  /** Silent for so long, the orchestrator that decides for all who share the log is replaced. */
  readonly leadership: { readonly leaseMs: number };
  readonly readModels: { readonly path: string };
  readonly reposDir: string;
  readonly worktreesDir: string;
  /** `.env` and the project file, whether or not they exist: secrets may stand in them. */
  readonly settingsFiles: readonly string[];
  readonly log: { readonly level: Environment['ORCH_LOG_LEVEL']; readonly format: 'pretty' | 'json' };
  readonly locale: 'en' | 'ru';

  readonly plane: PlaneAccess | null;
  readonly gitea: GiteaAccess | null;
  /** Apart from the addresses, because signatures are checked whenever a secret is set. */
  readonly webhooks: { readonly planeSecret: string | null; readonly giteaSecret: string | null };
  readonly telegram: {
    readonly botToken: string | null;
    readonly chatId: string | null;
    readonly apiUrl: string;
  };

  readonly agent: AgentSettings;
  readonly queue: { readonly maxConcurrency: number; readonly pollIntervalS: number };
  readonly jobs: Policy['jobs'];
  readonly serialGate: Policy['serialGate'];
  readonly reconcile: Policy['reconcile'];
  readonly reaper: Policy['reaper'];
  readonly merge: Policy['merge'];
  readonly deploy: {
    readonly selfHostingRepo: string;
    readonly requireManualApprove: boolean;
    readonly timeoutS: number;
    readonly pollIntervalS: number;
    /** `user@host`: hooks run there. */
    readonly ssh: string | null;
  };
  readonly staging: { readonly infraToleranceEnabled: boolean };
  readonly postDeploy: Policy['postDeploy'];
  readonly budget: Policy['budget'];
  /** ORCH-22: what a run wrote is looked through for credentials before it is pushed. */
  readonly securityGate: { readonly enabled: boolean };
  readonly limits: {
    readonly planeRateLimitPerMin: number;
    readonly diskAlertPercent: number;
    readonly runLogRetentionDays: number;
  };
}

export interface PlaneAccess {
  /** Without a slash at its end. */
  readonly url: string;
  readonly apiToken: string;
  readonly workspace: string;
}

export interface GiteaAccess {
  /** Without a slash at its end. */
  readonly url: string;
  readonly token: string;
  readonly owner: string;
}

export interface AgentSettings {
  /** The command and its first arguments, already split. */
  readonly command: readonly string[];
  readonly timeoutS: number;
  readonly timeoutOverridesS: Readonly<Partial<Record<Role, number>>>;
  readonly silenceS: number;
  readonly killGraceS: number;
  readonly lingerS: number;
  readonly sandbox: 'auto' | 'bwrap' | 'none';
}

/** The same value, which nobody can change any more, down to its last list. */
export function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.values(value).forEach(frozen);
  return Object.freeze(value);
}

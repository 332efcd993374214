import { Environment } from './variables/environment.js';
import type { Variable } from './variables/environment.js';
import type { Project } from './projects.js';
import { graceWarnings } from './reconcile.js';
import { unknownVariableWarnings } from './variables/unknown-variables.js';

/** What was read, as far as a warning can come of it. */
export interface Read {
  readonly environment: Environment;
  /** Names of all variables that are set, ours or not. */
  readonly names: readonly string[];
  readonly projects: readonly Project[];
  readonly sandbox: boolean;
}

/** What is accepted, but probably not what the operator wants. */
export function warningsOf(read: Read): readonly string[] {
  return [
    ...unknownVariableWarnings(read.names),
    ...graceWarnings(read.environment),
    ...hastyReaper(read.environment),
    ...patientWatch(read.environment),
    ...(read.sandbox ? ignoredInSandbox(read.environment) : unconnected(read)),
  ];
}

/** AMB-15. */
function hastyReaper(env: Environment): readonly string[] {
  if (env.ORCH_REAPER_DEAD_TICKS > 1) return [];
  return [
    'ORCH_REAPER_DEAD_TICKS=1 lets the reaper act on a single look; 2 or more protects from a passing misreading.',
  ];
}

/** More failures in a row than the window has checks. */
function patientWatch(env: Environment): readonly string[] {
  const checks = Math.ceil(env.ORCH_POST_DEPLOY_WINDOW_S / env.ORCH_POST_DEPLOY_INTERVAL_S);
  if (!env.ORCH_POST_DEPLOY_ENABLED || env.ORCH_POST_DEPLOY_FAIL_THRESHOLD <= checks) return [];
  return [
    `ORCH_POST_DEPLOY_FAIL_THRESHOLD=${env.ORCH_POST_DEPLOY_FAIL_THRESHOLD} can never be reached: the window has room for ${checks} checks.`,
  ];
}

function ignoredInSandbox(env: Environment): readonly string[] {
  const ignored = (['ORCH_GITEA_URL', 'ORCH_PROJECTS_FILE'] as const).filter(
    (variable) => env[variable] !== new Environment()[variable],
  );
  return ignored.map(
    (variable) =>
      `${variable} has no effect: without a project file and ORCH_PLANE_URL the sandbox is served, with its own forge and project.`,
  );
}

function unconnected({ environment: env, projects }: Read): readonly string[] {
  return [
    ...(env.ORCH_PLANE_URL === ''
      ? ['ORCH_PLANE_URL is empty: work items cannot be read and statuses cannot be set.']
      : []),
    ...(env.ORCH_GITEA_URL === '' ? ['ORCH_GITEA_URL is empty: branches cannot be checked, reviewed or merged.'] : []),
    ...REPO_LISTS.flatMap((variable) => strangers(variable, env[variable], projects)),
  ];
}

const REPO_LISTS = [
  'ORCH_SERIAL_GATE_REPOS',
  'ORCH_MERGE_GATE_REPOS',
  'ORCH_POST_DEPLOY_REPOS',
] as const satisfies readonly Variable[];

/** A misspelt repository narrows the scope to nothing. */
function strangers(variable: Variable, repos: readonly string[], projects: readonly Project[]): readonly string[] {
  return repos
    .filter((repo) => !projects.some((project) => project.repo === repo))
    .map((repo) => `${variable} names ${repo}, which is not in the project file.`);
}

import { join } from 'node:path';
import type { AgentBrief } from '../agent-runner.js';

type Variables = Readonly<Record<string, string | undefined>>;

const HOST = ['PATH', 'HOME', 'LANG', 'TZ'];
/** What Claude Code itself needs to reach its model: the only secrets that an agent is given. */
export const CLAUDE_CREDENTIALS = [
  'ANTHROPIC_API_KEY',
  'ANTHROPIC_AUTH_TOKEN',
  'ANTHROPIC_BASE_URL',
  'CLAUDE_CODE_OAUTH_TOKEN',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'NODE_EXTRA_CA_CERTS',
];

/** Waiting out a limit is the queue's business, where it is seen; a process that hides it holds a slot. */
const CLAUDE_BEHAVIOUR = {
  DISABLE_AUTOUPDATER: '1',
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: '1',
  CLAUDE_CODE_MAX_RETRIES: '3',
};

/** An agent may commit, under its role's name; the configuration of the host has no say in how. */
function gitVariables(brief: AgentBrief, email: string): Record<string, string> {
  return {
    GIT_AUTHOR_NAME: brief.role,
    GIT_AUTHOR_EMAIL: email,
    GIT_COMMITTER_NAME: brief.role,
    GIT_COMMITTER_EMAIL: email,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
  };
}

export interface AgentPlaces {
  readonly artifactsDirectory: string;
  readonly taskFile: string;
  readonly claudeDirectory: string;
  readonly temporaryDirectory: string;
}

/** Built from nothing but the names on the lists: a variable that is not named here does not reach the agent. */
export function agentEnvironment(
  brief: AgentBrief,
  places: AgentPlaces,
  host: { readonly variables: Variables; readonly credentials: readonly string[]; readonly email: string },
): Record<string, string> {
  return {
    LANG: 'C.UTF-8',
    ...picked(host.variables, [...HOST, ...host.credentials]),
    ...CLAUDE_BEHAVIOUR,
    ...gitVariables(brief, host.email),
    TMPDIR: places.temporaryDirectory,
    CLAUDE_CONFIG_DIR: places.claudeDirectory,
    CLAUDE_CODE_TMPDIR: join(places.temporaryDirectory, 'claude'),
    ORCH_WORK_ITEM: brief.workItem,
    ORCH_ROLE: brief.role,
    ORCH_STAGE: brief.stage,
    ORCH_REPO: brief.repo,
    ORCH_BRANCH: brief.branch,
    ORCH_RUN_ID: brief.runId,
    ORCH_ATTEMPT: String(brief.attempt),
    ORCH_ARTIFACTS_DIR: places.artifactsDirectory,
    ORCH_TASK_FILE: places.taskFile,
  };
}

function picked(variables: Variables, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (variables[name] ? [[name, variables[name]]] : [])));
}

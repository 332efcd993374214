import { ROLES } from '../../kernel/pipeline/stage.js';
import type { Role } from '../../kernel/pipeline/stage.js';
import { Amount, CommandLine, Flag, HttpUrl, OneOf, Pattern, RepoList, Seconds, SecondsPer } from './values.js';
import { Text, Whole } from './values.js';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
const LOG_URL = /^(esdb|kdb|kurrent|kurrentdb)(\+discover)?:\/\/\S+$/;

/** Every variable under its own name, with its default. What each means for the operator stands in `.env.example`. */
export class Environment {
  @Text() ORCH_HOST = '127.0.0.1';
  @Whole(0, 65_535) ORCH_PORT = 8500;
  @Text() ORCH_API_TOKEN = '';

  @Text() ORCH_DATA_DIR = './data';
  @OneOf(['sqlite', 'eventstoredb']) ORCH_EVENT_LOG: 'sqlite' | 'eventstoredb' = 'sqlite';
  @Text() ORCH_EVENT_LOG_PATH = '';
  @Pattern(LOG_URL, 'a connection string such as esdb://127.0.0.1:2113?tls=false')
  ORCH_EVENTSTORE_URL = 'esdb://127.0.0.1:2113?tls=false';
  @Seconds(1) ORCH_LEADER_LEASE_S = 6;
  @Text() ORCH_DB_PATH = '';
  @Text() ORCH_REPOS_DIR = '';
  @Text() ORCH_WORKTREES_DIR = '';
  @Text() ORCH_PROJECTS_FILE = './projects.json';

  @OneOf(LOG_LEVELS) ORCH_LOG_LEVEL: (typeof LOG_LEVELS)[number] = 'info';
  @OneOf(['', 'pretty', 'json']) ORCH_LOG_FORMAT: '' | 'pretty' | 'json' = '';
  @OneOf(['en', 'ru']) ORCH_LOCALE: 'en' | 'ru' = 'en';

  @HttpUrl() ORCH_PLANE_URL = '';
  @Text() ORCH_PLANE_API_TOKEN = '';
  @Text() ORCH_PLANE_WORKSPACE = '';
  @Text() ORCH_PLANE_WEBHOOK_SECRET = '';
  @Whole(1) ORCH_PLANE_RATE_LIMIT_PER_MIN = 60;

  @HttpUrl() ORCH_GITEA_URL = '';
  @Text() ORCH_GITEA_TOKEN = '';
  @Text() ORCH_GITEA_OWNER = '';
  @Text() ORCH_GITEA_WEBHOOK_SECRET = '';

  @Text() ORCH_TELEGRAM_BOT_TOKEN = '';
  @Text() ORCH_TELEGRAM_CHAT_ID = '';
  @HttpUrl() ORCH_TELEGRAM_API_URL = 'https://api.telegram.org';

  @CommandLine() ORCH_AGENT_COMMAND: string[] = ['claude'];
  @Seconds() ORCH_AGENT_TIMEOUT_S = 1800;
  @SecondsPer(ROLES) ORCH_AGENT_TIMEOUT_OVERRIDES_JSON: Partial<Record<Role, number>> = {};
  @Seconds() ORCH_AGENT_SILENCE_S = 900;
  @Seconds(0) ORCH_AGENT_KILL_GRACE_S = 10;
  @Seconds(0) ORCH_AGENT_LINGER_S = 30;
  @OneOf(['auto', 'bwrap', 'none']) ORCH_AGENT_SANDBOX: 'auto' | 'bwrap' | 'none' = 'auto';

  @Whole(1, 64) ORCH_MAX_CONCURRENCY = 1;
  @Seconds() ORCH_POLL_INTERVAL_S = 5;
  @Whole(1) ORCH_JOB_MAX_ATTEMPTS = 2;
  @Seconds(0) ORCH_JOB_BACKOFF_BASE_S = 30;
  @Whole(1) ORCH_JOB_TRANSIENT_MAX_ATTEMPTS = 8;
  @Seconds() ORCH_BREAKER_PROBE_S = 60;

  @Flag() ORCH_SERIAL_GATE_ENABLED = true;
  @RepoList() ORCH_SERIAL_GATE_REPOS: string[] = [];
  @Flag() ORCH_SERIAL_GATE_FREEZE_ENABLED = true;
  @Flag() ORCH_SERIAL_GATE_PAUSE_ENABLED = true;
  @Flag() ORCH_TASK_DEPS_ENABLED = true;

  @Flag() ORCH_RECONCILE_ENABLED = true;
  @Flag() ORCH_RECONCILE_PLANE_ENABLED = true;
  @Seconds() ORCH_RECONCILE_INTERVAL_S = 60;
  @Seconds(0) ORCH_RECONCILE_GRACE_DEFAULT_S = 600;
  /** Read in `reconcile.ts`: the one setting whose wrong value does not stop the start (RC-09). */
  @Text() ORCH_RECONCILE_GRACE_OVERRIDES_JSON = '';
  @Flag() ORCH_RECONCILE_NOTIFY_UNBLOCK = true;
  @Flag() ORCH_RECONCILE_SKIP_BLOCKED_ENABLED = true;
  @Flag() ORCH_RECONCILE_CONFIRM_ENABLED = true;

  @Flag() ORCH_REAPER_ENABLED = true;
  @Seconds() ORCH_REAPER_INTERVAL_S = 60;
  @Whole(1) ORCH_REAPER_DEAD_TICKS = 2;
  @Seconds() ORCH_REAPER_MAX_RUNNING_S = 3600;
  @Seconds(0) ORCH_REAPER_FINALIZE_GRACE_S = 300;
  @Flag() ORCH_LEASE_RECLAIM_ENABLED = true;

  @Flag() ORCH_MERGE_GATE_ENABLED = true;
  @RepoList() ORCH_MERGE_GATE_REPOS: string[] = [];
  @Seconds() ORCH_MERGE_LOCK_TIMEOUT_S = 300;

  @Pattern(/^[A-Za-z0-9._-]+$/, 'a repository name') ORCH_SELF_HOSTING_REPO = 'orchestrator';
  @Flag() ORCH_DEPLOY_REQUIRE_MANUAL_APPROVE = true;
  @Seconds() ORCH_DEPLOY_TIMEOUT_S = 900;
  @Seconds() ORCH_DEPLOY_POLL_INTERVAL_S = 5;
  /** Starts with a letter, digit or underscore, so that ssh can never take it for an option. */
  @Pattern(/^(\w[\w.-]*@[A-Za-z0-9][\w.:-]*)?$/, 'user@host, or nothing') ORCH_DEPLOY_SSH = '';
  @Flag() ORCH_STAGING_INFRA_TOLERANCE_ENABLED = true;

  @Flag() ORCH_POST_DEPLOY_ENABLED = true;
  @RepoList() ORCH_POST_DEPLOY_REPOS: string[] = [];
  @Seconds() ORCH_POST_DEPLOY_WINDOW_S = 900;
  @Seconds() ORCH_POST_DEPLOY_INTERVAL_S = 30;
  @Whole(1) ORCH_POST_DEPLOY_FAIL_THRESHOLD = 3;
  @Flag() ORCH_POST_DEPLOY_AUTO_ROLLBACK = false;

  @Flag() ORCH_SECURITY_GATE_ENABLED = true;
  @Amount() ORCH_BUDGET_TASK_USD = 0;
  @Amount() ORCH_BUDGET_DAY_USD = 0;
  @Whole(1, 100) ORCH_DISK_ALERT_PERCENT = 85;
  @Whole(1) ORCH_RUN_LOG_RETENTION_DAYS = 14;
}

export type Variable = keyof Environment;

export const VARIABLES = Object.keys(new Environment()) as readonly Variable[];

/** Never shown, logged or recorded. */
export const SECRETS: readonly Variable[] = [
  'ORCH_API_TOKEN',
  'ORCH_PLANE_API_TOKEN',
  'ORCH_PLANE_WEBHOOK_SECRET',
  'ORCH_GITEA_TOKEN',
  'ORCH_GITEA_WEBHOOK_SECRET',
  'ORCH_TELEGRAM_BOT_TOKEN',
];

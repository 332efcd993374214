import { join, resolve } from 'node:path';
import type { Config, GiteaAccess, PlaneAccess } from './config.js';
import type { Environment } from './variables/environment.js';

/** Everything of `Config` that follows from the variables alone. */
export type Groups = Omit<Config, 'sandbox' | 'projects' | 'warnings' | 'reconcile'>;

export function groupsOf(env: Environment, cwd: string): Groups {
  return { ...placesOf(env, cwd), ...connectionsOf(env), ...workOf(env), ...policiesOf(env), ...deliveryOf(env) };
}

function placesOf(env: Environment, cwd: string) {
  const dataDir = resolve(cwd, env.ORCH_DATA_DIR);
  const place = (given: string, name: string): string => (given === '' ? join(dataDir, name) : resolve(cwd, given));
  return {
    dataDir,
    eventLog: {
      kind: env.ORCH_EVENT_LOG,
      path: place(env.ORCH_EVENT_LOG_PATH, 'events.db'),
      url: env.ORCH_EVENTSTORE_URL,
    },
    leadership: { leaseMs: env.ORCH_LEADER_LEASE_S * 1000 },
    readModels: { path: place(env.ORCH_DB_PATH, 'read-models.db') },
    reposDir: place(env.ORCH_REPOS_DIR, 'repos'),
    worktreesDir: place(env.ORCH_WORKTREES_DIR, 'worktrees'),
    settingsFiles: [join(cwd, '.env'), resolve(cwd, env.ORCH_PROJECTS_FILE)],
  };
}

function connectionsOf(env: Environment) {
  const onTerminal = process.stdout.isTTY ? 'pretty' : 'json';
  return {
    server: { host: env.ORCH_HOST, port: env.ORCH_PORT, apiToken: orNull(env.ORCH_API_TOKEN) },
    log: { level: env.ORCH_LOG_LEVEL, format: env.ORCH_LOG_FORMAT || onTerminal },
    locale: env.ORCH_LOCALE,
    plane: planeOf(env),
    gitea: giteaOf(env),
    webhooks: {
      planeSecret: orNull(env.ORCH_PLANE_WEBHOOK_SECRET),
      giteaSecret: orNull(env.ORCH_GITEA_WEBHOOK_SECRET),
    },
    telegram: {
      botToken: orNull(env.ORCH_TELEGRAM_BOT_TOKEN),
      chatId: orNull(env.ORCH_TELEGRAM_CHAT_ID),
      apiUrl: env.ORCH_TELEGRAM_API_URL,
    },
  } as const;
}

function planeOf(env: Environment): PlaneAccess | null {
  if (env.ORCH_PLANE_URL === '') return null;
  return { url: env.ORCH_PLANE_URL, apiToken: env.ORCH_PLANE_API_TOKEN, workspace: env.ORCH_PLANE_WORKSPACE };
}

function giteaOf(env: Environment): GiteaAccess | null {
  if (env.ORCH_GITEA_URL === '') return null;
  return { url: env.ORCH_GITEA_URL, token: env.ORCH_GITEA_TOKEN, owner: env.ORCH_GITEA_OWNER };
}

function workOf(env: Environment) {
  return {
    agent: {
      command: env.ORCH_AGENT_COMMAND,
      timeoutS: env.ORCH_AGENT_TIMEOUT_S,
      timeoutOverridesS: env.ORCH_AGENT_TIMEOUT_OVERRIDES_JSON,
      silenceS: env.ORCH_AGENT_SILENCE_S,
      killGraceS: env.ORCH_AGENT_KILL_GRACE_S,
      lingerS: env.ORCH_AGENT_LINGER_S,
      sandbox: env.ORCH_AGENT_SANDBOX,
    },
    queue: { maxConcurrency: env.ORCH_MAX_CONCURRENCY, pollIntervalS: env.ORCH_POLL_INTERVAL_S },
    jobs: {
      maxAttempts: env.ORCH_JOB_MAX_ATTEMPTS,
      backoffBaseS: env.ORCH_JOB_BACKOFF_BASE_S,
      transientMaxAttempts: env.ORCH_JOB_TRANSIENT_MAX_ATTEMPTS,
      breakerProbeS: env.ORCH_BREAKER_PROBE_S,
    },
    limits: {
      planeRateLimitPerMin: env.ORCH_PLANE_RATE_LIMIT_PER_MIN,
      diskAlertPercent: env.ORCH_DISK_ALERT_PERCENT,
      runLogRetentionDays: env.ORCH_RUN_LOG_RETENTION_DAYS,
    },
  };
}

function policiesOf(env: Environment) {
  return {
    serialGate: {
      enabled: env.ORCH_SERIAL_GATE_ENABLED,
      repos: env.ORCH_SERIAL_GATE_REPOS,
      freezeEnabled: env.ORCH_SERIAL_GATE_FREEZE_ENABLED,
      pauseEnabled: env.ORCH_SERIAL_GATE_PAUSE_ENABLED,
      dependenciesEnabled: env.ORCH_TASK_DEPS_ENABLED,
    },
    reaper: {
      enabled: env.ORCH_REAPER_ENABLED,
      intervalS: env.ORCH_REAPER_INTERVAL_S,
      deadTicks: env.ORCH_REAPER_DEAD_TICKS,
      maxRunningS: env.ORCH_REAPER_MAX_RUNNING_S,
      finalizeGraceS: env.ORCH_REAPER_FINALIZE_GRACE_S,
      leaseReclaimEnabled: env.ORCH_LEASE_RECLAIM_ENABLED,
    },
    securityGate: { enabled: env.ORCH_SECURITY_GATE_ENABLED },
    budget: { taskUsd: env.ORCH_BUDGET_TASK_USD, dayUsd: env.ORCH_BUDGET_DAY_USD },
  };
}

function deliveryOf(env: Environment) {
  return {
    merge: {
      gateEnabled: env.ORCH_MERGE_GATE_ENABLED,
      gateRepos: env.ORCH_MERGE_GATE_REPOS,
      lockTimeoutS: env.ORCH_MERGE_LOCK_TIMEOUT_S,
    },
    deploy: {
      selfHostingRepo: env.ORCH_SELF_HOSTING_REPO,
      requireManualApprove: env.ORCH_DEPLOY_REQUIRE_MANUAL_APPROVE,
      timeoutS: env.ORCH_DEPLOY_TIMEOUT_S,
      pollIntervalS: env.ORCH_DEPLOY_POLL_INTERVAL_S,
      ssh: orNull(env.ORCH_DEPLOY_SSH),
    },
    staging: { infraToleranceEnabled: env.ORCH_STAGING_INFRA_TOLERANCE_ENABLED },
    postDeploy: {
      enabled: env.ORCH_POST_DEPLOY_ENABLED,
      repos: env.ORCH_POST_DEPLOY_REPOS,
      windowS: env.ORCH_POST_DEPLOY_WINDOW_S,
      intervalS: env.ORCH_POST_DEPLOY_INTERVAL_S,
      failThreshold: env.ORCH_POST_DEPLOY_FAIL_THRESHOLD,
      autoRollback: env.ORCH_POST_DEPLOY_AUTO_ROLLBACK,
    },
  };
}

function orNull(text: string): string | null {
  return text === '' ? null : text;
}

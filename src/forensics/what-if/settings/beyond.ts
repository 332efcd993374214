import type { Variable } from '../../../config/variables/environment.js';
import type { PolicyVariable } from '../../../config/variables/policy-variables.js';

const LOOKS = 'how often somebody looks; what looks at other moments would have found is not recorded';
const RUNS = 'how long a run may last; what an agent would have done in another time is not recorded';
const TRACKER = 'what the reconciler leaves alone or tells; what the tracker said at those moments is not recorded';
const MERGES = 'what is caught up and tested before a merge; what that would have found is not recorded';
const GRACES = 'when gates are looked at again; whether they were green before is not recorded';
const PROBED = 'whether production is probed; what probes would have found is not recorded';
const LEASES =
  'when the lease of a vanished holder is taken back; whether one had vanished is not recorded where nobody looked';

/** What a setting shapes beside decisions, and why that cannot be taken back; null where decisions are all of it. */
export const BEYOND: Readonly<Record<PolicyVariable, string | null>> = {
  ORCH_MAX_CONCURRENCY: null,
  ORCH_JOB_MAX_ATTEMPTS: null,
  ORCH_JOB_BACKOFF_BASE_S: null,
  ORCH_JOB_TRANSIENT_MAX_ATTEMPTS: null,
  ORCH_BREAKER_PROBE_S: null,
  ORCH_SERIAL_GATE_ENABLED: null,
  ORCH_SERIAL_GATE_REPOS: null,
  ORCH_SERIAL_GATE_FREEZE_ENABLED: null,
  ORCH_SERIAL_GATE_PAUSE_ENABLED: null,
  ORCH_TASK_DEPS_ENABLED: null,
  ORCH_SELF_HOSTING_REPO: null,
  ORCH_DEPLOY_REQUIRE_MANUAL_APPROVE: null,
  ORCH_DEPLOY_TIMEOUT_S: 'when a hook is stopped; how one that was stopped would have ended is not recorded',
  ORCH_STAGING_INFRA_TOLERANCE_ENABLED: null,
  ORCH_AGENT_TIMEOUT_S: RUNS,
  ORCH_AGENT_TIMEOUT_OVERRIDES_JSON: RUNS,
  ORCH_AGENT_KILL_GRACE_S: RUNS,
  ORCH_REAPER_ENABLED:
    'whether anybody looks at runs at all; whether a process was dead is not recorded where nobody looked, so that only the ceiling is computed',
  ORCH_REAPER_INTERVAL_S: LOOKS,
  ORCH_REAPER_DEAD_TICKS: null,
  ORCH_REAPER_MAX_RUNNING_S: 'nothing else; a process is taken for alive where nobody looked',
  ORCH_REAPER_FINALIZE_GRACE_S: 'when a recorded exit is taken over; what was published meanwhile is not recorded',
  ORCH_LEASE_RECLAIM_ENABLED: LEASES,
  ORCH_RECONCILE_ENABLED: LOOKS,
  ORCH_RECONCILE_PLANE_ENABLED: LOOKS,
  ORCH_RECONCILE_INTERVAL_S: LOOKS,
  ORCH_RECONCILE_GRACE_DEFAULT_S: GRACES,
  ORCH_RECONCILE_GRACE_OVERRIDES_JSON: GRACES,
  ORCH_RECONCILE_NOTIFY_UNBLOCK: TRACKER,
  ORCH_RECONCILE_SKIP_BLOCKED_ENABLED: TRACKER,
  ORCH_RECONCILE_CONFIRM_ENABLED: null,
  ORCH_MERGE_GATE_ENABLED: MERGES,
  ORCH_MERGE_GATE_REPOS: MERGES,
  ORCH_MERGE_LOCK_TIMEOUT_S: LEASES,
  ORCH_POST_DEPLOY_ENABLED: PROBED,
  ORCH_POST_DEPLOY_REPOS: PROBED,
  ORCH_POST_DEPLOY_WINDOW_S: 'how long production is probed; what further probes would have found is not recorded',
  ORCH_POST_DEPLOY_INTERVAL_S: LOOKS,
  ORCH_POST_DEPLOY_FAIL_THRESHOLD: null,
  ORCH_POST_DEPLOY_AUTO_ROLLBACK: null,
  ORCH_BUDGET_TASK_USD: null,
  ORCH_BUDGET_DAY_USD: null,
};

const DOORS = 'it says where the service listens and who may ask it';
const PLACES = 'it says where things are kept';
const OUTSIDE =
  'it says how the tracker, the forge or the chat is reached; what they would have answered is not recorded';
const WORDS = 'it says how log lines and messages are written';

/** What no decision looks at, and what it is for: nothing of it can be computed from the log. */
export const UNREAD: Readonly<Record<Exclude<Variable, PolicyVariable>, string>> = {
  ORCH_HOST: DOORS,
  ORCH_PORT: DOORS,
  ORCH_API_TOKEN: DOORS,
  ORCH_DATA_DIR: PLACES,
  ORCH_EVENT_LOG: PLACES,
  ORCH_EVENT_LOG_PATH: PLACES,
  ORCH_EVENTSTORE_URL: PLACES,
  ORCH_LEADER_LEASE_S:
    'it says how soon another orchestrator takes over; what that one would have done when is not recorded',
  ORCH_DB_PATH: PLACES,
  ORCH_REPOS_DIR: PLACES,
  ORCH_WORKTREES_DIR: PLACES,
  ORCH_PROJECTS_FILE: 'it says which projects there are; decisions about others are not recorded',
  ORCH_LOG_LEVEL: WORDS,
  ORCH_LOG_FORMAT: WORDS,
  ORCH_LOCALE: WORDS,
  ORCH_PLANE_URL: OUTSIDE,
  ORCH_PLANE_API_TOKEN: OUTSIDE,
  ORCH_PLANE_WORKSPACE: OUTSIDE,
  ORCH_PLANE_WEBHOOK_SECRET: OUTSIDE,
  ORCH_PLANE_RATE_LIMIT_PER_MIN: OUTSIDE,
  ORCH_GITEA_URL: OUTSIDE,
  ORCH_GITEA_TOKEN: OUTSIDE,
  ORCH_GITEA_OWNER: OUTSIDE,
  ORCH_GITEA_WEBHOOK_SECRET: OUTSIDE,
  ORCH_TELEGRAM_BOT_TOKEN: OUTSIDE,
  ORCH_TELEGRAM_CHAT_ID: OUTSIDE,
  ORCH_TELEGRAM_API_URL: OUTSIDE,
  ORCH_AGENT_COMMAND: 'it says which program works; what another one would have done is not recorded',
  ORCH_AGENT_SILENCE_S: `it says ${RUNS}`,
  ORCH_AGENT_LINGER_S: 'it says how long a process may outlive its result; its job has ended by then',
  ORCH_AGENT_SANDBOX: 'it says what an agent can reach; what it would have done otherwise is not recorded',
  ORCH_POLL_INTERVAL_S: 'it is a safety net: claims are triggered by events',
  ORCH_DEPLOY_POLL_INTERVAL_S:
    'it says how soon the end of a hook is noticed; when the hook itself ended is what was recorded',
  ORCH_DEPLOY_SSH: 'it says where hooks run; what they would have done there is not recorded',
  ORCH_SECURITY_GATE_ENABLED:
    'it says whether a push is searched for secrets; what a search would have found is not recorded',
  ORCH_DISK_ALERT_PERCENT: 'it says when people are told of a full disk',
  ORCH_RUN_LOG_RETENTION_DAYS: 'it says how long the output of runs is kept',
};

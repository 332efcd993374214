import type { Policy } from '../../kernel/pipeline/policy.js';
import { groupsOf } from '../groups.js';
import { policyOf } from '../policy.js';
import { reconcileOf } from '../reconcile.js';
import type { Environment, Variable } from './environment.js';

/** Where each variable stands in the settings that decisions may know. What is not listed, no decision can depend on. */
export const POLICY_PATHS = {
  ORCH_MAX_CONCURRENCY: 'maxConcurrency',
  ORCH_JOB_MAX_ATTEMPTS: 'jobs.maxAttempts',
  ORCH_JOB_BACKOFF_BASE_S: 'jobs.backoffBaseS',
  ORCH_JOB_TRANSIENT_MAX_ATTEMPTS: 'jobs.transientMaxAttempts',
  ORCH_BREAKER_PROBE_S: 'jobs.breakerProbeS',
  ORCH_SERIAL_GATE_ENABLED: 'serialGate.enabled',
  ORCH_SERIAL_GATE_REPOS: 'serialGate.repos',
  ORCH_SERIAL_GATE_FREEZE_ENABLED: 'serialGate.freezeEnabled',
  ORCH_SERIAL_GATE_PAUSE_ENABLED: 'serialGate.pauseEnabled',
  ORCH_TASK_DEPS_ENABLED: 'serialGate.dependenciesEnabled',
  ORCH_SELF_HOSTING_REPO: 'deploy.selfHostingRepo',
  ORCH_DEPLOY_REQUIRE_MANUAL_APPROVE: 'deploy.requireManualApprove',
  ORCH_DEPLOY_TIMEOUT_S: 'deploy.timeoutS',
  ORCH_STAGING_INFRA_TOLERANCE_ENABLED: 'deploy.stagingInfraToleranceEnabled',
  ORCH_AGENT_TIMEOUT_S: 'agent.timeoutS',
  ORCH_AGENT_TIMEOUT_OVERRIDES_JSON: 'agent.timeoutOverridesS',
  ORCH_AGENT_KILL_GRACE_S: 'agent.killGraceS',
  ORCH_REAPER_ENABLED: 'reaper.enabled',
  ORCH_REAPER_INTERVAL_S: 'reaper.intervalS',
  ORCH_REAPER_DEAD_TICKS: 'reaper.deadTicks',
  ORCH_REAPER_MAX_RUNNING_S: 'reaper.maxRunningS',
  ORCH_REAPER_FINALIZE_GRACE_S: 'reaper.finalizeGraceS',
  ORCH_LEASE_RECLAIM_ENABLED: 'reaper.leaseReclaimEnabled',
  ORCH_RECONCILE_ENABLED: 'reconcile.enabled',
  ORCH_RECONCILE_PLANE_ENABLED: 'reconcile.planeEnabled',
  ORCH_RECONCILE_INTERVAL_S: 'reconcile.intervalS',
  ORCH_RECONCILE_GRACE_DEFAULT_S: 'reconcile.graceDefaultS',
  ORCH_RECONCILE_GRACE_OVERRIDES_JSON: 'reconcile.graceOverridesS',
  ORCH_RECONCILE_NOTIFY_UNBLOCK: 'reconcile.notifyUnblock',
  ORCH_RECONCILE_SKIP_BLOCKED_ENABLED: 'reconcile.skipBlockedEnabled',
  ORCH_RECONCILE_CONFIRM_ENABLED: 'reconcile.confirmEnabled',
  ORCH_MERGE_GATE_ENABLED: 'merge.gateEnabled',
  ORCH_MERGE_GATE_REPOS: 'merge.gateRepos',
  ORCH_MERGE_LOCK_TIMEOUT_S: 'merge.lockTimeoutS',
  ORCH_POST_DEPLOY_ENABLED: 'postDeploy.enabled',
  ORCH_POST_DEPLOY_REPOS: 'postDeploy.repos',
  ORCH_POST_DEPLOY_WINDOW_S: 'postDeploy.windowS',
  ORCH_POST_DEPLOY_INTERVAL_S: 'postDeploy.intervalS',
  ORCH_POST_DEPLOY_FAIL_THRESHOLD: 'postDeploy.failThreshold',
  ORCH_POST_DEPLOY_AUTO_ROLLBACK: 'postDeploy.autoRollback',
  ORCH_BUDGET_TASK_USD: 'budget.taskUsd',
  ORCH_BUDGET_DAY_USD: 'budget.dayUsd',
} as const satisfies Partial<Record<Variable, string>>;

export type PolicyVariable = keyof typeof POLICY_PATHS;

/** The settings that follow from the variables alone, without projects. */
export function settingsFrom(environment: Environment): Policy {
  const groups = groupsOf(environment, '.');
  const files = { sandbox: false, projects: [], warnings: [] };
  return policyOf({ ...files, ...groups, reconcile: reconcileOf(environment) });
}

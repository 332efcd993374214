import type { PolicyVariable } from '../../config/variables/policy-variables.js';

const LOOKS = 'how often somebody looks; what looks at other moments would have found is not recorded';
const RUNS = 'how long a run may last; what an agent would have done in another time is not recorded';
const TRACKER = 'what the reconciler leaves alone or tells; what the tracker said at those moments is not recorded';
const MERGES = 'what is caught up and tested before a merge; what that would have found is not recorded';

/** What a setting shapes beside decisions, and why that cannot be taken back. */
export const BEYOND: Readonly<Partial<Record<PolicyVariable, string>>> = {
  ORCH_AGENT_TIMEOUT_S: RUNS,
  ORCH_AGENT_TIMEOUT_OVERRIDES_JSON: RUNS,
  ORCH_AGENT_KILL_GRACE_S: RUNS,
  ORCH_REAPER_ENABLED:
    'whether anybody looks at runs at all; whether a process was dead is not recorded where nobody looked, so that only the ceiling is computed',
  ORCH_REAPER_INTERVAL_S: LOOKS,
  ORCH_REAPER_MAX_RUNNING_S: 'nothing else; a process is taken for alive where nobody looked',
  ORCH_RECONCILE_ENABLED: LOOKS,
  ORCH_RECONCILE_PLANE_ENABLED: LOOKS,
  ORCH_RECONCILE_INTERVAL_S: LOOKS,
  ORCH_RECONCILE_GRACE_DEFAULT_S: 'when gates are looked at again; whether they were green before is not recorded',
  ORCH_RECONCILE_GRACE_OVERRIDES_JSON: 'when gates are looked at again; whether they were green before is not recorded',
  ORCH_RECONCILE_NOTIFY_UNBLOCK: TRACKER,
  ORCH_RECONCILE_SKIP_BLOCKED_ENABLED: TRACKER,
  ORCH_MERGE_GATE_ENABLED: MERGES,
  ORCH_MERGE_GATE_REPOS: MERGES,
  ORCH_POST_DEPLOY_ENABLED: 'whether production is probed; what probes would have found is not recorded',
  ORCH_POST_DEPLOY_REPOS: 'whether production is probed; what probes would have found is not recorded',
  ORCH_POST_DEPLOY_INTERVAL_S: LOOKS,
};

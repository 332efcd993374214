import type { Policy } from '../kernel/pipeline/policy.js';
import { STAGES } from '../kernel/pipeline/stage.js';
import type { Environment } from './variables/environment.js';
import { isSecondsPer } from './variables/values.js';

export function reconcileOf(env: Environment): Policy['reconcile'] {
  return {
    enabled: env.ORCH_RECONCILE_ENABLED,
    planeEnabled: env.ORCH_RECONCILE_PLANE_ENABLED,
    intervalS: env.ORCH_RECONCILE_INTERVAL_S,
    graceDefaultS: env.ORCH_RECONCILE_GRACE_DEFAULT_S,
    graceOverridesS: graceOverrides(env) ?? {},
    notifyUnblock: env.ORCH_RECONCILE_NOTIFY_UNBLOCK,
    skipBlockedEnabled: env.ORCH_RECONCILE_SKIP_BLOCKED_ENABLED,
    confirmEnabled: env.ORCH_RECONCILE_CONFIRM_ENABLED,
  };
}

/** The one setting that does not stop the start: a wrong value leaves the default grace everywhere, and is said (RC-09). */
export function graceWarnings(env: Environment): readonly string[] {
  if (graceOverrides(env) !== null) return [];
  return [
    'ORCH_RECONCILE_GRACE_OVERRIDES_JSON is not a JSON object of seconds per stage and is left out of account; ' +
      `the grace is ${env.ORCH_RECONCILE_GRACE_DEFAULT_S} s in every stage. The stages are ${STAGES.join(', ')}.`,
  ];
}

function graceOverrides(env: Environment): Policy['reconcile']['graceOverridesS'] | null {
  const text = env.ORCH_RECONCILE_GRACE_OVERRIDES_JSON;
  if (text === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    return isSecondsPer(STAGES, value) ? value : null;
  } catch {
    return null;
  }
}

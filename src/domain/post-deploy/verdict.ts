import { projectOf, type Policy } from '../../kernel/pipeline/policy.js';
import type { CheckCounts, Revision, WatchAction, WatchStatus } from './events.js';
import type { PostDeployState, RunningWatch } from './state.js';

export interface Verdict {
  readonly status: WatchStatus;
  readonly reason: string;
}

/** In the middle of a window only one thing is certain: so many failures in a row are too many. Null: go on. */
export function verdictSoFar({ failedInRow, schedule, detail }: RunningWatch): Verdict | null {
  if (failedInRow < schedule.threshold) return null;
  return { status: 'DEGRADED', reason: `${failedInRow} failed checks in a row, the last one: ${detail}` };
}

/**
 * HEALTHY has to be proven (INV-25): at least half of the checks were measured, and the newest measured one was good. What was not
 * measured counts neither for production nor against it.
 */
export function verdictAtEnd(watch: RunningWatch): Verdict {
  const { counts, schedule, failedInRow, measured } = watch;
  const answered = counts.total - counts.unmeasured;
  const of = `${answered} of ${schedule.checks} checks measured`;
  if (answered === 0) return { status: 'INCONCLUSIVE', reason: `no data: ${of}${gaps(counts)}` };
  if (answered * 2 < schedule.checks)
    return { status: 'INCONCLUSIVE', reason: `too little data: ${of}${gaps(counts)}` };
  if (measured !== 'ok')
    return {
      status: 'INCONCLUSIVE',
      reason: `the window ended on ${failedInRow} failed checks in a row, too few for DEGRADED`,
    };
  return { status: 'HEALTHY', reason: `${of}, ${counts.failed} failed${gaps(counts)}` };
}

function gaps({ unmeasured, missed }: CheckCounts): string {
  const parts = [
    ...(unmeasured > 0 ? [`${unmeasured} could not be made`] : []),
    ...(missed > 0 ? [`${missed} missed while nobody watched`] : []),
  ];
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

export interface Consequence {
  readonly action: WatchAction;
  /** What a rollback goes back to. */
  readonly to: Revision | null;
  readonly actionReason: string | null;
}

/**
 * Self-hosting is only ever told of (PD-07, RB-13). Elsewhere a rollback happens where it is switched on and can be done, to what was seen
 * healthy, and never of a rollback.
 */
export function consequenceOf(
  status: WatchStatus,
  watch: RunningWatch,
  state: PostDeployState,
  policy: Policy,
): Consequence {
  if (status !== 'DEGRADED') return { action: 'NONE', to: null, actionReason: null };
  const obstacle = obstacleToRollback(watch, state, policy);
  if (obstacle !== null) return { action: 'ALERT_ONLY', to: null, actionReason: obstacle };
  return {
    action: 'ROLLBACK',
    to: state.verified,
    actionReason: `back to ${state.verified?.head}, which was seen healthy`,
  };
}

/** The first that applies, or null. */
function obstacleToRollback({ ref }: RunningWatch, state: PostDeployState, policy: Policy): string | null {
  const { verified, releases } = state;
  const obstacles: readonly (readonly [boolean, string])[] = [
    [ref.repo === policy.deploy.selfHostingRepo, 'the orchestrator never restarts its own production by itself'],
    [ref.rollbackOf !== null, 'this was the rollback already'],
    [!policy.postDeploy.autoRollback, 'ORCH_POST_DEPLOY_AUTO_ROLLBACK is false'],
    [projectOf(policy, ref.repo)?.productionRollback !== true, 'no rollback command is configured'],
    [ref.revision === null || releases.at(-1)?.deployId !== ref.deployId, 'no hook of ours deployed it'],
    [verified === null, 'no earlier revision was seen healthy'],
    [verified?.head === ref.revision?.head, 'this is the revision that was last seen healthy'],
  ];
  return obstacles.find(([applies]) => applies)?.[1] ?? null;
}

import type { RecordedEvent } from '../../kernel/event.js';
import type { Policy } from '../../kernel/pipeline/policy.js';
import type { Stage } from '../../kernel/pipeline/stage.js';
import { fromIso } from '../../kernel/time.js';
import type { RecordedDecision } from '../decisions/recorded-decisions.js';

/** Both sets of settings at one moment. */
export interface BothPolicies {
  readonly recorded: Policy;
  readonly counterfactual: Policy;
}

/**
 * Settings that decide nothing themselves but say whether somebody looks and asks: the reaper, the reconciler, the time-out of a
 * hook. What was asked because of a look that would not have been, would not have been asked.
 */
export class Looks {
  private readonly enteredMs = new Map<string, { readonly stage: Stage; readonly atMs: number }>();
  private readonly startedMs = new Map<string, number>();

  hear(event: RecordedEvent): void {
    const atMs = fromIso(event.recordedAt);
    if (event.type === 'DeployStarted') this.startedMs.set(event.stream, atMs);
    if (event.type !== 'TaskAdvanced' && event.type !== 'TaskSentBack') return;
    this.enteredMs.set(event.stream, { stage: (event.data as { readonly to: Stage }).to, atMs });
  }

  /** Why it would not have been asked; null when it would have been, or when the record did not keep to its own settings either. */
  notAsked(decision: RecordedDecision, { recorded, counterfactual }: BothPolicies): string | null {
    const { actor } = decision.first.metadata;
    if (actor === 'policy:reaper') return onlyThere((policy) => notReaped(decision, policy), recorded, counterfactual);
    if (actor === 'policy:reconciler')
      return onlyThere((policy) => this.notReconciled(decision, policy), recorded, counterfactual);
    return this.notTimedOut(decision, { recorded, counterfactual });
  }

  private notReconciled(decision: RecordedDecision, { reconcile }: Policy): string | null {
    if (!reconcile.enabled) return 'the reconciler looks at nothing';
    if (decision.stream.startsWith('inbox-')) return notPolled(decision, reconcile);
    const entered = this.enteredMs.get(decision.stream);
    if (!entered || decision.command?.type !== 'RequestGateCheck') return null;
    const graceS = reconcile.graceOverridesS[entered.stage] ?? reconcile.graceDefaultS;
    const ageS = Math.round((fromIso(decision.command.at) - entered.atMs) / 1000);
    return ageS >= graceS ? null : `the task had been in ${entered.stage} for ${ageS} s, the grace is ${graceS} s`;
  }

  private notTimedOut(decision: RecordedDecision, { recorded, counterfactual }: BothPolicies): string | null {
    const startedMs = this.startedMs.get(decision.stream);
    if (startedMs === undefined || decision.command?.type !== 'ReportDeployEnded') return null;
    const [was, is] = [recorded.deploy.timeoutS, counterfactual.deploy.timeoutS];
    if (was === is) return null;
    const tookS = Math.round((fromIso(decision.command.at) - startedMs) / 1000);
    return otherwiseStopped(decision, { was, is, tookS });
  }
}

function onlyThere(whyNot: (policy: Policy) => string | null, recorded: Policy, counterfactual: Policy): string | null {
  const why = whyNot(counterfactual);
  return why === null || whyNot(recorded) !== null ? null : why;
}

interface Timeouts {
  readonly was: number;
  readonly is: number;
  readonly tookS: number;
}

function otherwiseStopped({ command }: RecordedDecision, { was, is, tookS }: Timeouts): string | null {
  const { stoppedBecause } = command?.payload as { readonly stoppedBecause: string | null };
  if (stoppedBecause === null)
    return tookS > is ? `the hook would have been stopped after ${is} s, before it ended after ${tookS} s` : null;
  const wouldGoOn = tookS >= was && tookS < is;
  return wouldGoOn ? `the hook would have had ${is} s; how it would have ended is not recorded` : null;
}

function notReaped({ command }: RecordedDecision, { reaper }: Policy): string | null {
  const isLook = command?.type === 'JudgeRun' || command?.type === 'ReportRunEnded';
  return isLook && !reaper.enabled ? 'the reaper looks at nothing' : null;
}

function notPolled({ command }: RecordedDecision, reconcile: Policy['reconcile']): string | null {
  if (!reconcile.planeEnabled) return 'the reconciler does not ask the tracker';
  const { entries = [] } = (command?.payload ?? {}) as {
    readonly entries?: readonly { readonly toKey: string | null }[];
  };
  const confirms = entries.some(({ toKey }) => toKey === 'confirm_deploy');
  return confirms && !reconcile.confirmEnabled ? 'a Confirm Deploy that only a poll finds does not count' : null;
}

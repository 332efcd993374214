import type { Policy } from '../../kernel/pipeline/policy.js';
import { fromIso } from '../../kernel/time.js';
import type { RunningJob } from './state.js';

/** What was found out about a run, read-only, before anybody judges. */
export interface RunEvidence {
  /**
   * By boot, pid and start time, never by the pid alone (AMB-13). Unknown counts as alive (RP-08). Unsupervised: it may live, but
   * whoever was to record its end is dead, so that nobody will ever know how it ends. Out of reach: nothing is heard of its host.
   */
  readonly process: 'alive' | 'dead' | 'unknown' | 'not-started' | 'unsupervised' | 'out-of-reach';
  readonly pid: number | null;
  /** Whose silence it is; with `out-of-reach` only. */
  readonly host?: string;
  /** The exit record, which makes the outcome known: it is finalised and never run again. */
  readonly exit: { readonly exitCode: number | null; readonly endedAt: string } | null;
}

export type RunVerdict =
  | { readonly kind: 'leave'; readonly because: string }
  | { readonly kind: 'clear' }
  | { readonly kind: 'suspect'; readonly streak: number; readonly because: string }
  | { readonly kind: 'reap'; readonly tier: 'dead' | 'ceiling'; readonly reason: string }
  /** Whoever should have taken the exit record over has not done it within the grace. */
  | { readonly kind: 'finalise' };

/**
 * RP-04..16: an exit record is finalised after the grace; a dead process is suspected first and reaped only when the ticks say so again; the
 * ceiling ends whatever is left. A live process below the ceiling is never touched, however silent (INV-12).
 */
export function judge(run: RunningJob, evidence: RunEvidence, policy: Policy['reaper'], at: string): RunVerdict {
  // Before everything else: whatever it has come to, nobody is there to carry it on, not even its work to the forge.
  if (evidence.process === 'out-of-reach') return judgeDead(run, evidence, policy);
  if (evidence.exit) return judgeExit(evidence.exit.endedAt, policy, at);
  if (run.phase === 'publishing') return { kind: 'leave', because: 'its work is on the way to the forge' };
  if (evidence.process === 'dead' || evidence.process === 'unsupervised') return judgeDead(run, evidence, policy);
  const ageS = secondsBetween(run.claimedAt, at);
  if (ageS >= policy.maxRunningS) {
    const reason = `running for ${Math.round(ageS)} s, the ceiling is ${policy.maxRunningS} s`;
    return { kind: 'reap', tier: 'ceiling', reason };
  }
  return run.suspicion > 0 ? { kind: 'clear' } : { kind: 'leave', because: `its process is ${evidence.process}` };
}

/** AMB-10: within the grace nothing touches it, the ceiling neither. */
function judgeExit(endedAt: string, policy: Policy['reaper'], at: string): RunVerdict {
  const isDue = secondsBetween(endedAt, at) >= policy.finalizeGraceS;
  return isDue ? { kind: 'finalise' } : { kind: 'leave', because: 'its exit is being taken over' };
}

function judgeDead(run: RunningJob, evidence: RunEvidence, policy: Policy['reaper']): RunVerdict {
  const streak = run.suspicion + 1;
  const because = deathIn(evidence);
  const ticks = Math.max(1, policy.deadTicks);
  return streak >= ticks ? { kind: 'reap', tier: 'dead', reason: because } : { kind: 'suspect', streak, because };
}

function deathIn({ process, pid, host }: RunEvidence): string {
  if (process === 'out-of-reach') return `nothing is heard of its host ${host ?? 'unknown'}`;
  return `process ${pid ?? 'unknown'} ${process === 'dead' ? 'is dead and left no exit record' : 'has lost its supervisor'}`;
}

function secondsBetween(earlier: string, later: string): number {
  return (fromIso(later) - fromIso(earlier)) / 1000;
}

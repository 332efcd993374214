import type { Decider } from '../../kernel/decider.js';
import { isInMergeGate, type Policy } from '../../kernel/pipeline/policy.js';
import { Refused } from '../../kernel/refused.js';
import { fromIso, toIso } from '../../kernel/time.js';
import * as commands from './commands.js';
import type { MergeLeaseEvent } from './events.js';
import { evolveMergeLease, FREE, type HeldState, type MergeLeaseState } from './state.js';

type Decision = readonly MergeLeaseEvent[] | Refused;

export const mergeLeaseDecider: Decider<commands.MergeLeaseCommand, MergeLeaseEvent, MergeLeaseState> = {
  category: 'merge-lease',
  commands: Object.values(commands),
  events: { MergeLeaseGranted: 1, MergeLeaseRenewed: 1, MergeLeaseReleased: 1, MergeLeaseReclaimed: 1 },
  initial: FREE,
  evolve: evolveMergeLease,
  decide: decideMergeLease,
};

function decideMergeLease(command: commands.MergeLeaseCommand, state: MergeLeaseState, policy: Policy): Decision {
  switch (command.type) {
    case 'AcquireMergeLease':
      return acquired(command, state, policy);
    case 'RenewMergeLease':
      return isGrant(state, command.payload.fence) ? [renewed(command, state, policy)] : lost(command);
    case 'ReleaseMergeLease':
      return released(command.payload, state);
    case 'ReclaimMergeLease':
      return reclaimed(command, state, policy);
  }
}

/**
 * The same process asking again keeps its grant; the same branch in another process takes over, and the old fence is void (MG-05).
 * Anybody else comes in only when the lease has run out (MG-06).
 */
function acquired(command: commands.AcquireMergeLease, state: MergeLeaseState, policy: Policy): Decision {
  const { context, payload } = command;
  const granted: MergeLeaseEvent = {
    type: 'MergeLeaseGranted',
    data: { ...payload, acquiredAt: context.at, expiresAt: expiryAfter(context.at, policy) },
  };
  if (state.status === 'free') return [granted];
  if (state.grant.branch === payload.branch) {
    return state.grant.instance.id === payload.instance.id ? [renewed(command, state, policy)] : [granted];
  }
  return hasExpired(state, context.at) ? [taken(state, 'expired', context.at), granted] : held(state);
}

function held({ grant, fence, expiresAt }: HeldState): Refused {
  const { repo, branch, workItem } = grant;
  const facts = { repo, branch, workItem, fence, expiresAt };
  return new Refused('merge-lease-held', `the merge lease of ${repo} is held by ${workItem}`, facts);
}

function lost({ stream, payload }: commands.RenewMergeLease): Refused {
  return new Refused('merge-lease-lost', `fence ${payload.fence} of ${stream} is no longer in force`, { ...payload });
}

function renewed(command: commands.MergeLeaseCommand, { grant, fence }: HeldState, policy: Policy): MergeLeaseEvent {
  const { repo, workItem } = grant;
  return {
    type: 'MergeLeaseRenewed',
    data: { repo, workItem, fence, expiresAt: expiryAfter(command.context.at, policy) },
  };
}

function released(payload: commands.ReleaseMergeLease['payload'], state: MergeLeaseState): Decision {
  if (state.status === 'free' || state.grant.workItem !== payload.workItem) return [];
  if (payload.fence !== null && payload.fence !== state.fence) return [];
  const { repo, branch, workItem } = state.grant;
  const { reason } = payload;
  return [{ type: 'MergeLeaseReleased', data: { repo, branch, workItem, fence: state.fence, reason } }];
}

/** Proactive, so only where the merge gate is in force and the switch is on (MG-19, MG-22); a live holder is never touched (MG-17). */
function reclaimed({ payload, context }: commands.ReclaimMergeLease, state: MergeLeaseState, policy: Policy): Decision {
  if (!isGrant(state, payload.fence)) return [];
  if (!policy.reaper.leaseReclaimEnabled || !isInMergeGate(policy, state.grant.repo)) return [];
  if (payload.process === 'dead') return [taken(state, 'dead-pid', context.at)];
  return hasExpired(state, context.at) ? [taken(state, 'expired', context.at)] : [];
}

type Because = 'dead-pid' | 'expired';

function taken({ grant, fence, expiresAt }: HeldState, because: Because, at: string): MergeLeaseEvent {
  const { repo, branch, workItem, instance } = grant;
  const ageS = Math.round((fromIso(at) - fromIso(grant.acquiredAt)) / 1000);
  const expired = `it is ${ageS} s old and was to be renewed by ${expiresAt}`;
  const reason = because === 'dead-pid' ? `dead pid ${instance.pid}` : expired;
  return { type: 'MergeLeaseReclaimed', data: { repo, branch, workItem, fence, because, reason } };
}

function isGrant(state: MergeLeaseState, fence: number): state is HeldState {
  return state.status === 'held' && state.fence === fence;
}

/** Stale is an age of the time to live or more (MG-07); a time that cannot be read is long past (MG-24). */
function hasExpired({ expiresAt }: HeldState, at: string): boolean {
  return !(fromIso(at) < fromIso(expiresAt));
}

function expiryAfter(at: string, { merge }: Policy): string {
  return toIso(fromIso(at) + merge.lockTimeoutS * 1000);
}

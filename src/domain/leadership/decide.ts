import type { Decider } from '../../kernel/decider.js';
import { Refused } from '../../kernel/refused.js';
import { ResignLead, TakeLead, type LeadershipCommand } from './commands.js';
import type { LeadershipEvent } from './events.js';
import { evolve, VACANT, type LeadershipState } from './state.js';

/** One stream, one leader: who takes over names the term that it found silent, and of two only the first is right. */
export const leadershipDecider: Decider<LeadershipCommand, LeadershipEvent, LeadershipState> = {
  category: 'leadership',
  commands: [TakeLead, ResignLead],
  events: { LeadTaken: 1, LeadResigned: 1 },
  initial: VACANT,
  evolve,
  decide: (command, state) => (command.type === 'TakeLead' ? take(command, state) : resign(command, state)),
};

function take({ payload }: TakeLead, state: LeadershipState): readonly LeadershipEvent[] | Refused {
  const { holder, host, silentTerm } = payload;
  if (state.status === 'vacant') return [{ type: 'LeadTaken', data: { holder, host, from: null } }];
  // It was restarted before anybody missed it; its predecessor is surely gone.
  if (state.holder === holder) return [];
  if (state.term === silentTerm) return [{ type: 'LeadTaken', data: { holder, host, from: state.holder } }];
  return new Refused('held', `${state.holder} leads`, { holder: state.holder, term: state.term });
}

function resign({ payload }: ResignLead, state: LeadershipState): readonly LeadershipEvent[] {
  if (state.status === 'vacant' || state.term !== payload.term) return [];
  return [{ type: 'LeadResigned', data: { holder: state.holder, term: state.term } }];
}

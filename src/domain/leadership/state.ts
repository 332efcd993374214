import type { Recorded } from '../../kernel/event.js';
import type { LeadershipEvent } from './events.js';

export type LeadershipState =
  { readonly status: 'vacant' } | { readonly status: 'held'; readonly holder: string; readonly term: number };

export const VACANT: LeadershipState = { status: 'vacant' };

export function evolve(_state: LeadershipState, event: Recorded<LeadershipEvent>): LeadershipState {
  switch (event.type) {
    case 'LeadTaken':
      return { status: 'held', holder: event.data.holder, term: event.revision };
    case 'LeadResigned':
      return VACANT;
  }
}

import type { BreakerEvent } from './events.js';

export interface BreakerState {
  /** Transient failures since an agent last answered. */
  readonly consecutive: number;
  /** Null: closed. */
  readonly openUntil: string | null;
  readonly parkedUntil: string | null;
}

export const CLOSED: BreakerState = { consecutive: 0, openUntil: null, parkedUntil: null };

export function evolveBreaker(state: BreakerState, event: BreakerEvent): BreakerState {
  switch (event.type) {
    case 'AgentFailureCounted':
      return { ...state, consecutive: event.data.consecutive };
    case 'BreakerOpened':
      return { ...state, openUntil: event.data.until };
    case 'AgentsParked':
      return { ...state, parkedUntil: event.data.until };
    case 'BreakerClosed':
      return { ...state, consecutive: 0, openUntil: null };
  }
}

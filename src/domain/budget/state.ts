import type { BudgetEvent } from './events.js';

export interface BudgetState {
  readonly totalUsd: number | null;
  readonly unknownRuns: number;
  /** The limit that was last said to be reached. */
  readonly reachedUsd: number | null;
}

export const UNTOUCHED: BudgetState = { totalUsd: null, unknownRuns: 0, reachedUsd: null };

export function evolveBudget(state: BudgetState, event: BudgetEvent): BudgetState {
  switch (event.type) {
    case 'CostBooked':
      return { ...state, totalUsd: event.data.totalUsd, unknownRuns: event.data.unknownRuns };
    case 'BudgetReached':
      return { ...state, reachedUsd: event.data.limitUsd };
  }
}

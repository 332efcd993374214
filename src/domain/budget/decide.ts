import type { Decider } from '../../kernel/decider.js';
import type { Policy } from '../../kernel/pipeline/policy.js';
import * as commands from './commands.js';
import type { BudgetEvent } from './events.js';
import { isReached, limitOf } from './limits.js';
import { evolveBudget, UNTOUCHED, type BudgetState } from './state.js';

export const budgetDecider: Decider<commands.BudgetCommand, BudgetEvent, BudgetState> = {
  category: 'budget',
  commands: Object.values(commands),
  events: { CostBooked: 1, BudgetReached: 1 },
  initial: UNTOUCHED,
  evolve: evolveBudget,
  decide: decideBudget,
};

function decideBudget(command: commands.BudgetCommand, state: BudgetState, policy: Policy): readonly BudgetEvent[] {
  const { scope, key } = command.payload;
  if (command.type === 'CheckBudget') return reached({ scope, key }, state, null, policy);
  const booked = book(command.payload, state);
  return [booked, ...reached({ scope, key }, evolveBudget(state, booked), command.payload.workItem, policy)];
}

function book(payload: commands.BookCost['payload'], { totalUsd, unknownRuns }: BudgetState): BudgetEvent {
  const { costUsd } = payload;
  const total = costUsd === null ? totalUsd : rounded((totalUsd ?? 0) + costUsd);
  return {
    type: 'CostBooked',
    data: { ...payload, totalUsd: total, unknownRuns: unknownRuns + (costUsd === null ? 1 : 0) },
  };
}

/** Sums of cents must not miss a limit by the last bit. */
function rounded(usd: number): number {
  return Math.round(usd * 1e6) / 1e6;
}

type Purse = commands.CheckBudget['payload'];

function reached(
  purse: Purse,
  { totalUsd, reachedUsd }: BudgetState,
  workItem: string | null,
  { budget }: Policy,
): readonly BudgetEvent[] {
  const limitUsd = limitOf(purse.scope, budget);
  if (limitUsd === null || totalUsd === null || limitUsd === reachedUsd) return [];
  if (!isReached(purse.scope, totalUsd, budget)) return [];
  return [{ type: 'BudgetReached', data: { ...purse, totalUsd, limitUsd, workItem } }];
}

import { Command } from '../../kernel/command.js';
import type { Purse } from './events.js';

export class BookCost extends Command<
  Purse & { readonly runId: string; readonly workItem: string; readonly costUsd: number | null }
> {
  readonly type = 'BookCost';
}

/** The limits may have changed. */
export class CheckBudget extends Command<Purse> {
  readonly type = 'CheckBudget';
}

export type BudgetCommand = BookCost | CheckBudget;

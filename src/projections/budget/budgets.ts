import type { BudgetReached, CostBooked } from '../../domain/budget/events.js';
import type { RecordedEvent } from '../../kernel/event.js';
import type { ReadModel } from '../engine/read-model.js';

/** What a day or a work item has cost so far. */
export type BudgetRow = {
  /** `day 2026-01-31` or `task ET-001`. */
  readonly id: string;
  readonly scope: 'day' | 'task';
  readonly purse: string;
  /** What is known; null while nothing is. */
  readonly total_usd: number | null;
  readonly unknown_runs: number;
  readonly booked_at: string;
  /** Of the booking, or of the event that said that a limit was reached. */
  readonly position: number;
};

type Told = RecordedEvent<CostBooked> | RecordedEvent<BudgetReached>;

export const budgets: ReadModel<BudgetRow> = {
  table: 'budgets',
  key: 'id',
  version: 1,
  listensTo: ['CostBooked', 'BudgetReached'],
  keysOf(event) {
    const { scope, key } = (event as Told).data;
    return [`${scope} ${key}`];
  },
  apply(row, event, id) {
    const { position, recordedAt: booked_at } = event;
    if (event.type === 'BudgetReached') return row && { ...row, position, booked_at };
    const { scope, key: purse, totalUsd, unknownRuns } = (event as RecordedEvent<CostBooked>).data;
    return { id: String(id), scope, purse, total_usd: totalUsd, unknown_runs: unknownRuns, booked_at, position };
  },
};

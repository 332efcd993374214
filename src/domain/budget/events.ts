import type { DomainEvent } from '../../kernel/event.js';

/** One purse: everything of a UTC day, or everything of a task. */
export interface Purse {
  readonly scope: 'day' | 'task';
  /** `2026-01-31`, or a work item. */
  readonly key: string;
}

/** What an agent's run cost, by its own report. */
export type CostBooked = DomainEvent<
  'CostBooked',
  Purse & {
    readonly runId: string;
    readonly workItem: string;
    /** Unknown is null, never 0. */
    readonly costUsd: number | null;
    /** Everything that is known so far; null while nothing is. */
    readonly totalUsd: number | null;
    readonly unknownRuns: number;
  }
>;

/** Told once per limit: no further agent starts for the task, or on this day, until the limit is raised. */
export type BudgetReached = DomainEvent<
  'BudgetReached',
  Purse & {
    readonly totalUsd: number;
    readonly limitUsd: number;
    /** Whose run reached it; null when a lowered limit did. */
    readonly workItem: string | null;
  }
>;

export type BudgetEvent = CostBooked | BudgetReached;

import { describe, expect, test } from '@jest/globals';
import { BookCost, CheckBudget } from '../../../src/domain/budget/commands.js';
import { budgetDecider } from '../../../src/domain/budget/decide.js';
import type { BudgetEvent } from '../../../src/domain/budget/events.js';
import { isReached } from '../../../src/domain/budget/limits.js';
import { given, History, wish } from '../../support/given.js';
import { policyWith } from '../../support/policy.js';

const DAY = { scope: 'day', key: '2026-01-31' } as const;
const LIMITED = policyWith({ budget: { dayUsd: 1, taskUsd: 0 } });

function cost(costUsd: number | null) {
  return wish(BookCost, { ...DAY, runId: 'run-1', workItem: 'ET-001', costUsd });
}

function limited() {
  return History.begin(budgetDecider, LIMITED);
}

describe('the cost of a run', () => {
  test('is added to what is known of its purse', () => {
    const events = given(budgetDecider).after(cost(0.25)).when(cost(0.5)).events;
    expect(events).toMatchObject([{ type: 'CostBooked', data: { totalUsd: 0.75, unknownRuns: 0 } }]);
  });

  test('that is unknown is counted as unknown and never as 0', () => {
    const first = given(budgetDecider).when(cost(null));
    expect(first.events).toMatchObject([{ data: { costUsd: null, totalUsd: null, unknownRuns: 1 } }]);
    expect(first.history.when(cost(0.5)).events).toMatchObject([{ data: { totalUsd: 0.5, unknownRuns: 1 } }]);
  });

  test('is summed without losing the limit in the last bit', () => {
    const tenth = (history: ReturnType<typeof limited>) => history.after(cost(0.1));
    const nine = Array.from({ length: 9 }).reduce<ReturnType<typeof limited>>(tenth, limited());
    nine.when(cost(0.1)).thenTypes('CostBooked', 'BudgetReached');
  });
});

describe('a limit', () => {
  test('is said to be reached once, however much more is booked', () => {
    const reached = limited().when(cost(1.5)).thenTypes('CostBooked', 'BudgetReached');
    const said: BudgetEvent = {
      type: 'BudgetReached',
      data: { ...DAY, totalUsd: 1.5, limitUsd: 1, workItem: 'ET-001' },
    };
    expect(reached.events[1]).toEqual(said);
    reached.history.when(cost(1)).thenTypes('CostBooked');
  });

  test('that is raised lifts it, and is said to be reached again when it is', () => {
    const raised = policyWith({ budget: { dayUsd: 2, taskUsd: 0 } });
    const history = limited().after(cost(1.5)).under(raised);
    history.when(cost(0.25)).thenTypes('CostBooked');
    history.when(cost(0.5)).thenTypes('CostBooked', 'BudgetReached');
    expect(isReached('day', 1.5, raised.budget)).toBe(false);
  });

  test('that is lowered below what is spent is reached at once', () => {
    const check = wish(CheckBudget, DAY);
    given(budgetDecider).after(cost(1.5)).under(LIMITED).when(check).thenTypes('BudgetReached').thenNothingMore();
    limited().when(check).thenNothing();
  });

  test('of 0 is none', () => {
    given(budgetDecider).when(cost(1_000)).thenTypes('CostBooked');
    expect(isReached('task', 1_000, LIMITED.budget)).toBe(false);
  });

  test('is reached by the full amount, and not by what nobody knows', () => {
    expect(isReached('day', 1, LIMITED.budget)).toBe(true);
    expect(isReached('day', 0.99, LIMITED.budget)).toBe(false);
    expect(isReached('day', null, LIMITED.budget)).toBe(false);
  });
});

import { describe, expect, test } from '@jest/globals';
import { CallBudget, type Urgency } from '../../../src/integrations/plane/call-budget.js';

function budgetAt(start: number, perMinute: number) {
  const clock = { time: start, now: () => clock.time };
  const budget = new CallBudget(perMinute, clock);
  const takeMany = (count: number, urgency: Urgency) => Array.from({ length: count }, () => budget.take(urgency));
  return { clock, budget, takeMany };
}

describe('a budget of calls a minute', () => {
  test('grants that many calls within any sixty seconds', () => {
    const { clock, budget, takeMany } = budgetAt(1_000, 3);
    expect(takeMany(3, 'acting')).toEqual([0, 0, 0]);
    clock.time += 20_000;
    expect(budget.take('acting')).toBe(40_000);
    clock.time += 40_000;
    expect(takeMany(4, 'acting')).toEqual([0, 0, 0, 60_000]);
  });

  test('keeps a fifth for acting when looking around has used the rest', () => {
    const { takeMany } = budgetAt(0, 10);
    expect(takeMany(9, 'looking').filter((wait) => wait === 0)).toHaveLength(8);
    expect(takeMany(3, 'acting').filter((wait) => wait === 0)).toHaveLength(2);
  });

  test('lets gestures go before polls, polls before comments, and comments before what a run cost (PS-12)', () => {
    const { takeMany } = budgetAt(0, 60);
    const granted = (urgency: Urgency) => takeMany(60, urgency).filter((wait) => wait === 0).length;
    expect(granted('reporting')).toBe(24);
    expect(granted('telling')).toBe(12);
    expect(granted('looking')).toBe(12);
    expect(granted('acting')).toBe(12);
    expect(takeMany(1, 'acting')).toEqual([60_000]);
  });

  test('lets looking around go on even when it is tiny', () => {
    expect(budgetAt(0, 1).budget.take('looking')).toBe(0);
  });

  test('does not book a call that it does not grant', () => {
    const { clock, budget } = budgetAt(0, 1);
    expect(budget.take('acting')).toBe(0);
    expect(budget.take('acting')).toBe(60_000);
    clock.time = 60_000;
    expect(budget.take('acting')).toBe(0);
  });

  test('stays closed as long as it was closed for, and never shorter than before', () => {
    const { clock, budget } = budgetAt(0, 10);
    budget.closeFor(30_000);
    budget.closeFor(5_000);
    expect(budget.take('acting')).toBe(30_000);
    clock.time = 30_000;
    expect(budget.take('acting')).toBe(0);
  });
});

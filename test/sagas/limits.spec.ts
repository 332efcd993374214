import { describe, expect, test } from '@jest/globals';
import { breakerSaga } from '../../src/sagas/breaker.js';
import { budgetSaga } from '../../src/sagas/budget.js';
import { notifierSaga } from '../../src/sagas/notifier.js';
import { commandsOf, type Saga } from '../../src/sagas/saga.js';
import { at, record } from '../support/given.js';
import { DEFAULT_POLICY } from '../support/policy.js';
import { messagesIn, type Locale } from '../../src/telemetry/messages/messages.js';

const USAGE = {
  exitCode: 0,
  signal: null,
  since: null,
  inputTokens: 1,
  outputTokens: 1,
  endedAt: '2026-01-31T23:59:59.000Z',
};
const ENDED = { jobId: 7, fence: 1, runId: 'run-7', costUsd: 0.5, failure: null, ...USAGE };

function said(saga: Saga, type: string, data: object) {
  const [event] = record([{ type, data }]);
  if (!event) throw new Error('Nothing was recorded');
  return commandsOf(saga, event, DEFAULT_POLICY).map(({ type: wished, stream, payload }) => ({
    type: wished,
    stream,
    payload: payload as Record<string, unknown>,
  }));
}

describe('the end of a run', () => {
  test('is booked to the UTC day on which it ended and to its work item', () => {
    const about = { runId: 'run-7', workItem: 'ET-001', costUsd: 0.5 };
    expect(said(budgetSaga, 'RunEnded', ENDED)).toEqual([
      { type: 'BookCost', stream: 'budget-day-2026-01-31', payload: { scope: 'day', key: '2026-01-31', ...about } },
      { type: 'BookCost', stream: 'budget-task-ET-001', payload: { scope: 'task', key: 'ET-001', ...about } },
    ]);
  });

  test('that was stopped is booked likewise, unless its cost was told at its end already', () => {
    const stopped = { jobId: 7, runId: 'run-7', costUsd: 0.5, ...USAGE };
    expect(said(budgetSaga, 'RunStopped', stopped)).toEqual(said(budgetSaga, 'RunEnded', ENDED));
    expect(said(budgetSaga, 'RunStopped', { jobId: 7, runId: 'run-7' })).toEqual([]);
  });

  test('tells the breaker whether the agent answered or failed for a reason outside the work', () => {
    const run = { jobId: 7, runId: 'run-7' };
    expect(said(breakerSaga, 'RunEnded', ENDED)).toEqual([
      { type: 'ReportAgentAnswered', stream: 'breaker', payload: run },
    ]);
    const failure = { class: 'overloaded', transient: true, reason: 'busy', resetsAt: null };
    expect(said(breakerSaga, 'RunEnded', { ...ENDED, failure })).toMatchObject([
      { type: 'ReportAgentFailed', payload: { ...run, reason: 'busy', resetsAt: null } },
    ]);
    const own = { ...failure, transient: false };
    expect(said(breakerSaga, 'RunEnded', { ...ENDED, failure: own })).toMatchObject([{ type: 'ReportAgentAnswered' }]);
  });
});

describe('new settings', () => {
  test('make the budget of the day be looked at again', () => {
    expect(said(budgetSaga, 'SettingsChanged', { values: DEFAULT_POLICY, hash: 'h', version: '1' })).toEqual([
      { type: 'CheckBudget', stream: 'budget-day-2026-01-01', payload: { scope: 'day', key: '2026-01-01' } },
    ]);
  });
});

describe('the chat', () => {
  const reached = { totalUsd: 5.25, limitUsd: 5, workItem: 'ET-001' };
  const told = (type: string, data: object) => said(notifierSaga, type, data).map(({ payload }) => payload);

  test('is told that a budget is reached, in every language', () => {
    for (const purse of [
      { scope: 'day', key: '2026-01-31' },
      { scope: 'task', key: 'ET-001' },
    ]) {
      const [message] = told('BudgetReached', { ...purse, ...reached });
      expect(message).toMatchObject({ channel: 'chat', message: 'budget-reached' });
      for (const locale of ['en', 'ru'] satisfies Locale[]) {
        const text = messagesIn(locale).text(
          String(message?.['message']),
          message?.['params'] as Record<string, string>,
        );
        expect(text).toContain(purse.key);
        expect(text).toContain('5.25');
      }
    }
  });

  test('is told when agents are parked, and not again for every probe that fails', () => {
    const opened = { jobId: 7, runId: 'r', reason: 'busy', until: at(60) };
    expect(told('BreakerOpened', { ...opened, consecutive: 3 })).toMatchObject([{ message: 'agents-parked' }]);
    expect(told('BreakerOpened', { ...opened, consecutive: 4 })).toEqual([]);
    expect(told('AgentsParked', opened)).toMatchObject([{ params: { until: at(60), reason: 'busy' } }]);
  });
});

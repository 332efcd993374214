import { BookCost, CheckBudget } from '../domain/budget/commands.js';
import type { RunEnded, RunStopped } from '../domain/job/events.js';
import type { SettingsChanged } from '../domain/settings/events.js';
import type { Recorded } from '../kernel/event.js';
import { send, type Saga, type SagaCommand } from './saga.js';

/** What every run cost goes into two purses: that of the UTC day on which it ended, and that of its work item. */
export const budgetSaga: Saga = {
  name: 'budget',
  types: ['RunEnded', 'RunStopped', 'SettingsChanged'],
  react: (event) => reactTo(event as Recorded<RunEnded | RunStopped | SettingsChanged>),
};

function reactTo(event: Recorded<RunEnded | RunStopped | SettingsChanged>): readonly SagaCommand[] {
  if (event.type === 'SettingsChanged') {
    const purse = { scope: 'day', key: dayOf(event.recordedAt) } as const;
    return [send(CheckBudget, `budget-day-${purse.key}`, purse)];
  }
  const { runId, costUsd, endedAt } = event.data;
  if (costUsd === undefined || endedAt === undefined) return [];
  const workItem = event.metadata.$correlationId;
  const day = dayOf(endedAt);
  return [
    send(BookCost, `budget-day-${day}`, { scope: 'day', key: day, runId, workItem, costUsd }),
    send(BookCost, `budget-task-${workItem}`, { scope: 'task', key: workItem, runId, workItem, costUsd }),
  ];
}

function dayOf(iso: string): string {
  return iso.slice(0, 10);
}

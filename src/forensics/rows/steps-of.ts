import type { EventFilter, EventLog } from '../../event-log/event-log.js';
import type { AnyReadModel } from '../../projections/engine/read-model.js';
import { pagesOf, type Range } from '../pages.js';
import type { RowTarget } from './row-target.js';
import { RowSteps, type RowStep } from './row-steps.js';

/** Every step of the rows that a work item brings about, in all read models. */
export function stepsOfWorkItem(
  log: EventLog,
  workItem: string,
  models: readonly AnyReadModel[],
  range: Range,
): AsyncGenerator<RowStep, void, void> {
  return steps(log, new RowSteps(models), { correlationId: workItem }, range);
}

/** Every step of some rows of one read model. */
export async function* stepsOfRows(
  log: EventLog,
  { model, filter, isMeant, matches }: RowTarget,
  range: Range,
): AsyncGenerator<RowStep, void, void> {
  const rows = new RowSteps([model], (_, key) => isMeant(key));
  for await (const step of steps(log, rows, filter, range)) {
    const row = step.after ?? step.before;
    if (!row ? step.error !== null : matches(row)) yield step;
  }
}

/** What lies before the range is folded too, and not told. */
async function* steps(
  log: EventLog,
  rows: RowSteps,
  filter: EventFilter,
  { after, until }: Range,
): AsyncGenerator<RowStep, void, void> {
  for await (const page of pagesOf(log, { after: 0, until }, filter)) {
    for (const event of page) {
      const taken = rows.take(event);
      if (event.position > after) yield* taken.filter(({ changed, error }) => changed.length > 0 || error !== null);
    }
  }
}

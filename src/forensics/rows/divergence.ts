import type { EventLog } from '../../event-log/event-log.js';
import type { Position, RecordedEvent } from '../../kernel/event.js';
import type { AnyReadModel } from '../../projections/engine/read-model.js';
import type { RowDifference } from '../../projections/rebuild/compare.js';
import { pagesOf } from '../pages.js';
import { RowSteps, type RowStep } from './row-steps.js';

/** Where a live row leaves what the log says. */
export interface Divergence {
  readonly difference: RowDifference;
  /** Null for the row as a whole. */
  readonly column: string | null;
  /** The event from which on the rebuild says otherwise; null when no event ever made such a row. */
  readonly event: RecordedEvent | null;
  /** Whether the rebuild agreed with the live value before that event. */
  readonly agreedBefore: boolean;
}

/** Folds the rows that differ once more, event by event, and finds for each column where it parts. */
export async function divergences(
  log: EventLog,
  models: readonly AnyReadModel[],
  differences: readonly RowDifference[],
  until: Position,
): Promise<readonly Divergence[]> {
  const traces = new Map(differences.map((difference) => [nameOf(difference), new Trace(difference)]));
  const tables = new Set(differences.map(({ table }) => table));
  const touched = models.filter(({ table }) => tables.has(table));
  const rows = new RowSteps(touched, (table, key) => traces.has(nameOf({ table, key })));
  const types = [...new Set(touched.flatMap(({ listensTo }) => listensTo))];
  for await (const page of pagesOf(log, { after: 0, until }, { types })) {
    for (const event of page) for (const step of rows.take(event)) traces.get(nameOf(step))?.take(step);
  }
  return [...traces.values()].flatMap((trace) => trace.found());
}

function nameOf({ table, key }: Pick<RowDifference, 'table' | 'key'>): string {
  return `${table} ${key}`;
}

class Trace {
  private readonly parted = new Map<string, RecordedEvent>();
  private readonly lastSet = new Map<string, RecordedEvent>();
  private readonly agreed = new Set<string>();
  private cameOrWent: RecordedEvent | null = null;

  constructor(private readonly difference: RowDifference) {}

  take({ event, before, after, changed }: RowStep): void {
    if ((before === undefined) !== (after === undefined)) this.cameOrWent = event;
    for (const { column, live } of this.difference.columns) {
      if (changed.includes(column)) this.lastSet.set(column, event);
      if ((after?.[column] ?? null) === live) {
        this.agreed.add(column);
        this.parted.delete(column);
      } else if (!this.parted.has(column)) this.parted.set(column, event);
    }
  }

  found(): readonly Divergence[] {
    const { difference, cameOrWent } = this;
    if (difference.kind !== 'changed')
      return [{ difference, column: null, event: cameOrWent, agreedBefore: cameOrWent !== null }];
    return difference.columns.map(({ column }) => {
      const agreedBefore = this.agreed.has(column);
      const event = (agreedBefore ? this.parted : this.lastSet).get(column) ?? null;
      return { difference, column, event, agreedBefore };
    });
  }
}

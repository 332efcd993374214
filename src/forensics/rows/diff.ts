import type { EventLog } from '../../event-log/event-log.js';
import type { Position, RecordedEvent } from '../../kernel/event.js';
import type { AnyReadModel, Key } from '../../projections/engine/read-model.js';
import { underWayAsOf } from '../../projections/moments/under-way.js';
import { pagesOf } from '../pages.js';
import { RowsBefore } from './rows-before.js';
import { changedColumns, RowSteps, type Row } from './row-steps.js';

/** One row at two moments. */
export interface RowChange {
  readonly table: string;
  readonly key: Key;
  readonly before: Row | undefined;
  readonly after: Row | undefined;
  readonly changed: readonly string[];
  /** The last event that touched it. */
  readonly event: RecordedEvent;
}

export interface Between {
  readonly from: Position;
  readonly to: Position;
  /** Only events that belong to it. */
  readonly workItem?: string;
}

/** What is otherwise after the second moment than after the first: folds from there on, and only rows that something touched. */
export function rowChanges(
  log: EventLog,
  models: readonly AnyReadModel[],
  { from, to, workItem }: Between,
): Promise<readonly RowChange[]> {
  const filter = workItem === undefined ? {} : { correlationId: workItem };
  return underWayAsOf(log, { position: from }, async (tables) => {
    const past = new RowsBefore({ log, tables, models, position: from });
    const changes = new Changes(models);
    for await (const page of pagesOf(log, { after: from, until: to }, { ...filter, withoutCommands: true })) {
      for (const { table, key, row } of await past.firstTouchedBy(page)) changes.begin(table, key, row);
      for (const event of page) changes.take(event);
    }
    return changes.told();
  });
}

class Changes {
  private readonly rows: RowSteps;
  private readonly before = new Map<string, Row | undefined>();
  private readonly changes = new Map<string, RowChange>();

  constructor(models: readonly AnyReadModel[]) {
    this.rows = new RowSteps(models);
  }

  begin(table: string, key: Key, row: Row | undefined): void {
    this.before.set(`${table} ${key}`, row);
    if (row) this.rows.put(table, key, row);
  }

  take(event: RecordedEvent): void {
    for (const { table, key, after } of this.rows.take(event)) {
      const name = `${table} ${key}`;
      const before = this.before.get(name);
      this.changes.set(name, { table, key, before, after, changed: changedColumns(before, after), event });
    }
  }

  told(): readonly RowChange[] {
    return [...this.changes.values()].filter(({ changed }) => changed.length > 0);
  }
}

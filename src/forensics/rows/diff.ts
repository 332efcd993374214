import type { EventLog } from '../../event-log/event-log.js';
import type { Position, RecordedEvent } from '../../kernel/event.js';
import { asOf } from '../../projections/engine/as-of.js';
import type { AnyReadModel, Key } from '../../projections/engine/read-model.js';
import type { ReadModels } from '../../projections/engine/read-models.js';
import { pagesOf } from '../pages.js';
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
export async function rowChanges(
  log: EventLog,
  models: readonly AnyReadModel[],
  { from, to, workItem }: Between,
): Promise<readonly RowChange[]> {
  const filter = workItem === undefined ? {} : { correlationId: workItem };
  const events: RecordedEvent[] = [];
  for await (const page of pagesOf(log, { after: from, until: to }, filter)) events.push(...page);
  const touched = touchedKeys(models, events);
  const past = await asOf(log, models, from, (tables) => readRows(tables, models, touched));
  return changesOf(models, past, events);
}

type Rows = ReadonlyMap<string, ReadonlyMap<Key, Row>>;

function touchedKeys(models: readonly AnyReadModel[], events: readonly RecordedEvent[]): ReadonlyMap<string, Set<Key>> {
  const touched = new Map(models.map(({ table }) => [table, new Set<Key>()]));
  for (const model of models) {
    const relevant = events.filter(({ type }) => model.listensTo.includes(type));
    for (const event of relevant) for (const key of model.keysOf(event)) touched.get(model.table)?.add(key);
  }
  return touched;
}

async function readRows(
  tables: ReadModels,
  models: readonly AnyReadModel[],
  touched: ReadonlyMap<string, Set<Key>>,
): Promise<Rows> {
  const rows = new Map<string, Map<Key, Row>>();
  for (const { table, key } of models) {
    const keys = JSON.stringify([...(touched.get(table) ?? [])]);
    const sql = `SELECT * FROM ${table} WHERE ${key} IN (SELECT value FROM json_each(?))`;
    const found = await tables.all<Row>(sql, [keys]);
    rows.set(table, new Map(found.map((row) => [row[key] as Key, row])));
  }
  return rows;
}

function changesOf(
  models: readonly AnyReadModel[],
  past: Rows,
  events: readonly RecordedEvent[],
): readonly RowChange[] {
  const steps = new RowSteps(models);
  for (const [table, rows] of past) for (const [key, row] of rows) steps.put(table, key, row);
  const changes = new Map<string, RowChange>();
  for (const event of events) {
    for (const { table, key, after } of steps.take(event)) {
      const before = past.get(table)?.get(key);
      const changed = changedColumns(before, after);
      changes.set(`${table} ${key}`, { table, key, before, after, changed, event });
    }
  }
  return [...changes.values()].filter(({ changed }) => changed.length > 0);
}

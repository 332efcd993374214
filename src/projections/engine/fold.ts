import type { RecordedEvent } from '../../kernel/event.js';
import type { Key, ReadModel } from './read-model.js';

/** What a page does to one table: the rows after it, `undefined` where a row is gone. */
export type Changes<Row extends object> = Map<Key, Row | undefined>;

/** The keys that a page touches, so that their rows can be loaded in one go. */
export function touchedKeys<Row extends object>(model: ReadModel<Row>, events: readonly RecordedEvent[]): Set<Key> {
  const keys = new Set<Key>();
  for (const event of events) for (const key of model.keysOf(event)) keys.add(key);
  return keys;
}

/** Folds a page over the rows that were there before; pure. */
export function foldPage<Row extends object>(
  model: ReadModel<Row>,
  events: readonly RecordedEvent[],
  before: ReadonlyMap<Key, Row>,
): Changes<Row> {
  const changes: Changes<Row> = new Map();
  for (const event of events) {
    for (const key of model.keysOf(event)) {
      const row = changes.has(key) ? changes.get(key) : before.get(key);
      const next = model.apply(row, event, key);
      if (next !== row) changes.set(key, next);
    }
  }
  // Born and gone within one page: the file never hears of it.
  for (const [key, row] of changes) if (row === undefined && !before.has(key)) changes.delete(key);
  return changes;
}

import type { RecordedEvent } from '../../src/kernel/event.js';
import { foldPage, touchedKeys } from '../../src/projections/engine/fold.js';
import type { Key, ReadModel } from '../../src/projections/engine/read-model.js';

export interface Told {
  readonly type: string;
  readonly data: object;
  readonly stream?: string;
  readonly id?: string;
  readonly cause?: string;
  readonly at?: string;
  readonly revision?: number;
}

/** Events as a log would give them back, one second apart. */
export function history(...told: readonly Told[]): RecordedEvent[] {
  return told.map((fact, index) => ({
    id: fact.id ?? `event-${index + 1}`,
    type: fact.type,
    data: fact.data,
    position: index + 1,
    stream: fact.stream ?? 'task-1',
    revision: fact.revision ?? index,
    recordedAt: fact.at ?? `2026-01-01T00:00:${String(index + 1).padStart(2, '0')}.000Z`,
    metadata: {
      $correlationId: 'ET-001',
      $causationId: fact.cause ?? null,
      actor: 'system',
      schemaVersion: 1,
      commandId: 'c',
    },
  }));
}

/** The rows after these events, folded in one page and, to the same end, event by event. */
export function rowsAfter<Row extends object>(model: ReadModel<Row>, events: readonly RecordedEvent[]): Row[] {
  const heard = events.filter((event) => model.listensTo.includes(event.type));
  const atOnce = fold(model, new Map<Key, Row>(), heard);
  const oneByOne = heard.reduce((rows, event) => fold(model, rows, [event]), new Map<Key, Row>());
  if (JSON.stringify([...atOnce]) !== JSON.stringify([...oneByOne]))
    throw new Error('The size of a page changes the rows');
  return [...atOnce.values()];
}

function fold<Row extends object>(
  model: ReadModel<Row>,
  rows: ReadonlyMap<Key, Row>,
  events: readonly RecordedEvent[],
): Map<Key, Row> {
  const touched = touchedKeys(model, events);
  const changes = foldPage(model, events, new Map([...rows].filter(([key]) => touched.has(key))));
  const after = new Map(rows);
  for (const [key, row] of changes)
    if (row === undefined) after.delete(key);
    else after.set(key, row);
  return after;
}

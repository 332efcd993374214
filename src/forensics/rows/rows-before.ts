import type { EventLog } from '../../event-log/event-log.js';
import type { Position, RecordedEvent } from '../../kernel/event.js';
import type { AnyReadModel, Key } from '../../projections/engine/read-model.js';
import type { ReadModels } from '../../projections/engine/read-models.js';
import { OF_WORK_ITEM } from '../../projections/moments/open-rows.js';
import { storyUntil } from '../../projections/moments/under-way.js';
import { RowSteps, type Row } from './row-steps.js';

/** A row as it was; absent: there was none. */
export interface PastRow {
  readonly table: string;
  readonly key: Key;
  readonly row: Row | undefined;
}

interface Past {
  readonly log: EventLog;
  /** What was under way after the position. */
  readonly tables: ReadModels;
  readonly models: readonly AnyReadModel[];
  readonly position: Position;
}

/**
 * The rows after a position that later events touch. What was settled by then is not in the tables of a past moment; a row about a
 * work item is folded from the item's own events, and those are few.
 */
export class RowsBefore {
  private readonly known = new Set<string>();
  private readonly folded = new Set<string>();
  private readonly stories: RowSteps;

  constructor(private readonly past: Past) {
    this.stories = new RowSteps(past.models);
  }

  /** Each row once: when it is touched for the first time. */
  async firstTouchedBy(events: readonly RecordedEvent[]): Promise<readonly PastRow[]> {
    for (const { metadata } of events) await this.foldStory(metadata.$correlationId);
    const rows: PastRow[] = [];
    for (const model of this.past.models) rows.push(...(await this.rowsOf(model, this.newKeys(model, events))));
    return rows;
  }

  private async foldStory(workItem: string): Promise<void> {
    if (this.folded.has(workItem)) return;
    this.folded.add(workItem);
    const { log, position } = this.past;
    for (const event of await storyUntil(log, workItem, position)) this.stories.take(event);
  }

  private newKeys(model: AnyReadModel, events: readonly RecordedEvent[]): readonly Key[] {
    const heard = events.filter(({ type }) => model.listensTo.includes(type));
    const touched = new Set(heard.flatMap((event) => model.keysOf(event)));
    const fresh = [...touched].filter((key) => !this.known.has(`${model.table} ${key}`));
    for (const key of fresh) this.known.add(`${model.table} ${key}`);
    return fresh;
  }

  private async rowsOf({ table, key: column }: AnyReadModel, keys: readonly Key[]): Promise<readonly PastRow[]> {
    if (keys.length === 0) return [];
    const sql = `SELECT * FROM ${table} WHERE ${column} IN (SELECT value FROM json_each(?))`;
    const open = OF_WORK_ITEM.includes(table) ? [] : await this.past.tables.all<Row>(sql, [JSON.stringify(keys)]);
    const found = new Map(open.map((row) => [row[column], row]));
    return keys.map((key) => ({ table, key, row: found.get(key) ?? this.stories.row(table, key) }));
  }
}

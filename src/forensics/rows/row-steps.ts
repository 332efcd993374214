import type { RecordedEvent } from '../../kernel/event.js';
import type { AnyReadModel, Cell, Key } from '../../projections/engine/read-model.js';

export type Row = Readonly<Record<string, Cell>>;

/** What one event does to one row. */
export interface RowStep {
  readonly event: RecordedEvent;
  readonly table: string;
  readonly key: Key;
  /** Absent: there is no such row. */
  readonly before: Row | undefined;
  readonly after: Row | undefined;
  /** The columns whose values it changed. */
  readonly changed: readonly string[];
  /** Why the rules of the read model could not take the event; the row stays as it was. */
  readonly error: string | null;
}

/** Folds events one by one through the real rules of the read models, in memory; an event that they cannot take is passed over. */
export class RowSteps {
  private readonly rows = new Map<string, Map<Key, Row>>();
  private readonly listening = new Map<string, readonly AnyReadModel[]>();

  constructor(
    private readonly models: readonly AnyReadModel[],
    /** Which rows are of interest; the others are not kept. */
    private readonly isMeant: (table: string, key: Key) => boolean = () => true,
  ) {
    for (const { table } of models) this.rows.set(table, new Map());
  }

  /** A row as it is before the first event. */
  put(table: string, key: Key, row: Row): void {
    this.rows.get(table)?.set(key, row);
  }

  row(table: string, key: Key): Row | undefined {
    return this.rows.get(table)?.get(key);
  }

  take(event: RecordedEvent): readonly RowStep[] {
    return this.listeningTo(event.type).flatMap((model) => this.stepsOf(model, event));
  }

  private stepsOf(model: AnyReadModel, event: RecordedEvent): readonly RowStep[] {
    return keysOf(model, event)
      .filter((key) => this.isMeant(model.table, key))
      .map((key) => this.step(model, event, key));
  }

  private step(model: AnyReadModel, event: RecordedEvent, key: Key): RowStep {
    const { table } = model;
    const rows = this.rows.get(table) ?? new Map<Key, Row>();
    const before = rows.get(key);
    try {
      const after = model.apply(before, event, key) as Row | undefined;
      if (after) rows.set(key, after);
      else rows.delete(key);
      return { event, table, key, before, after, changed: changedColumns(before, after), error: null };
    } catch (error) {
      return { event, table, key, before, after: before, changed: [], error: (error as Error).message };
    }
  }

  private listeningTo(type: string): readonly AnyReadModel[] {
    const known = this.listening.get(type);
    if (known) return known;
    const listening = this.models.filter(({ listensTo }) => listensTo.includes(type));
    this.listening.set(type, listening);
    return listening;
  }
}

function keysOf(model: AnyReadModel, event: RecordedEvent): readonly Key[] {
  try {
    return model.keysOf(event);
  } catch {
    return [];
  }
}

/** A row that comes or goes changes every column that says something. */
export function changedColumns(before: Row | undefined, after: Row | undefined): readonly string[] {
  const columns = Object.keys(after ?? before ?? {});
  return columns.filter((column) => (before?.[column] ?? null) !== (after?.[column] ?? null));
}

import type { EventLog } from '../../event-log/event-log.js';
import type { Position, RecordedEvent } from '../../kernel/event.js';
import type { Cell, Key } from '../../projections/engine/read-model.js';
import type { RowTarget } from './row-target.js';
import type { RowStep } from './row-steps.js';
import { stepsOfRows } from './steps-of.js';

/** One value that a column had, and the event that set it. */
export interface Setting {
  readonly key: Key;
  readonly event: RecordedEvent;
  readonly value: Cell;
}

export interface Blame {
  /** From the first to the one in force; of the newest row that the name means. */
  readonly settings: readonly Setting[];
  readonly columns: readonly string[];
  /** Whether the row is still there. */
  readonly exists: boolean;
}

/** The history of one field; null when there never was such a row. */
export async function blame(log: EventLog, target: RowTarget, field: string, until: Position): Promise<Blame | null> {
  const history = new FieldHistory(field);
  for await (const step of stepsOfRows(log, target, { after: 0, until })) history.take(step);
  return history.told();
}

class FieldHistory {
  private newest: RowStep | null = null;
  private readonly settings: Setting[] = [];

  constructor(private readonly field: string) {}

  take(step: RowStep): void {
    const { key, event, before, after, changed } = step;
    if (!before || this.newest?.key === key) this.newest = step;
    if (changed.includes(this.field) || !before) this.settings.push({ key, event, value: after?.[this.field] ?? null });
  }

  told(): Blame | null {
    if (!this.newest) return null;
    const { key, after, before } = this.newest;
    const settings = this.settings.filter((setting) => setting.key === key);
    return { settings, columns: Object.keys(after ?? before ?? {}), exists: after !== undefined };
  }
}

import type { RecordedEvent } from '../../kernel/event.js';
import { fromIso } from '../../kernel/time.js';
import { describe } from '../../projections/timeline/wording.js';
import { coloured, dim, duration, oneLine, short } from '../terminal/text.js';
import { colours } from '../terminal/colours.js';

const CELL_MAX = 70;

/** A value as people read it; `--json` has it whole. */
export function cell(value: unknown): string {
  if (value === null || value === undefined) return '–';
  const text = oneLine(typeof value === 'string' ? value : JSON.stringify(value));
  const shown = short(text === '' ? "''" : text);
  return shown.length <= CELL_MAX ? shown : `${shown.slice(0, CELL_MAX - 1)}…`;
}

function changedCell(before: unknown, after: unknown): string {
  return `${dim(cell(before))} → ${colours.yellow(cell(after))}`;
}

interface RowBeforeAndAfter {
  readonly table: string;
  readonly key: string | number;
  readonly before: Readonly<Record<string, unknown>> | undefined;
  readonly after: Readonly<Record<string, unknown>> | undefined;
  readonly changed: readonly string[];
}

/** The row by its names, and below it each value that changed; of a row that is new, each value that it has. */
export function rowLines({ table, key, before, after, changed }: RowBeforeAndAfter, indent: string): readonly string[] {
  const kind = before === undefined ? '  new' : after === undefined ? '  removed' : '';
  const item = (after ?? before)?.['work_item_id'];
  const head = `${indent}${table} ${key}${typeof item === 'string' ? `  ${item}` : ''}${kind}`;
  if (after === undefined) return [head];
  const width = Math.max(...changed.map((column) => column.length));
  const told = (column: string): string =>
    before === undefined ? cell(after[column]) : changedCell(before[column], after[column]);
  return [head, ...changed.map((column) => `${indent}  ${column.padEnd(width)}  ${told(column)}`)];
}

/** Position, time, how long after the one before, who, what. */
export function eventHead(event: RecordedEvent, previous: RecordedEvent | null = null): string {
  const { position, recordedAt, type, metadata } = event;
  const since = previous ? `+${duration(fromIso(recordedAt) - fromIso(previous.recordedAt))}` : '';
  const when = dim(`${String(position).padStart(7)}  ${recordedAt}  ${since.padEnd(12)}`);
  return `${when}  ${coloured(type, type)}  ${dim(short(metadata.actor))}  ${oneLine(short(describe(event)))}`;
}

import type { RecordedEvent } from '../../kernel/event.js';
import { describe } from '../../projections/timeline/wording.js';
import { colours } from './colours.js';
import { fitted } from './width.js';

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** A line of a list, which is easier to read when it stays one. */
export function printRow(line: string): void {
  print(fitted(line));
}

/** One object a line. */
export function printJson(value: object): void {
  print(JSON.stringify(value));
}

/** The keys of GraphQL's `Event`. */
export function eventAsJson(event: RecordedEvent): object {
  const { id, position, stream, revision, type, data, metadata, recordedAt } = event;
  const { $correlationId: correlationId, $causationId: causationId, actor } = metadata;
  const about = { id, position: String(position), stream, revision, type, data, metadata, recordedAt };
  return { ...about, correlationId, causationId, actor };
}

/** Widths are fixed, because a followed log has no end to measure; the stream's name is of any length and so comes last. */
export function eventAsLine(event: RecordedEvent): string {
  const { position, recordedAt, type, stream, metadata } = event;
  const when = dim(`${String(position).padStart(7)}  ${recordedAt}`);
  const who = dim(short(metadata.actor).padEnd(18));
  return `${when}  ${coloured(type, type.padEnd(23))}  ${who}  ${oneLine(short(describe(event)))}  ${dim(stream)}`;
}

/** People tell accounts apart by the beginning of their ids; `--json` has them whole. */
export function short(text: string): string {
  return text.replace(/\b([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, '$1');
}

export function duration(milliseconds: number): string {
  if (milliseconds < 1_000) return `${milliseconds} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1_000).toFixed(1)} s`;
  const minutes = Math.floor(milliseconds / 60_000);
  if (minutes < 60) return `${minutes} min ${Math.floor((milliseconds % 60_000) / 1_000)} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** `12 345`: figures that people compare. */
export function figure(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ' ');
}

/** Rows of cells in columns as wide as their widest cell; the last column is left as it is. */
export function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = rows.reduce<number[]>(
    (widest, row) => row.map((cell, column) => Math.max(widest[column] ?? 0, cell.length)),
    [],
  );
  return rows.map((row) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

export function dim(text: string): string {
  return colours.dim(text);
}

export function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ⏎ ');
}

/** Bad news is red, a move of a task is bold, the rest is plain. */
export function coloured(type: string, text: string): string {
  if (/Failed|Refused|Escalated|SentBack|Dropped|Vanished/.test(type)) return colours.red(text);
  if (/^Task(Advanced|Opened|Restarted|Cancelled)$/.test(type)) return colours.bold(text);
  return /Requested$/.test(type) ? colours.cyan(text) : text;
}

import type { EventLog } from '../../event-log/event-log.js';
import { blame, type Blame, type Setting } from '../../forensics/rows/blame.js';
import { readModelNamed, rowTarget } from '../../forensics/rows/row-target.js';
import type { RecordedEvent } from '../../kernel/event.js';
import { positionAt } from '../../projections/event/moment.js';
import type { AnyReadModel } from '../../projections/engine/read-model.js';
import { READ_MODELS } from '../../projections/read-models.js';
import { CommandFailed } from '../failure.js';
import { withLog, type LogChoice } from '../log-access.js';
import { dim, eventAsJson, print, printJson } from '../terminal/text.js';
import { cell, eventHead } from './output.js';

export interface BlameOptions extends LogChoice {
  readonly at?: string;
  readonly history?: boolean;
  readonly json?: boolean;
}

export interface Cell {
  readonly table: string;
  readonly key: string;
  readonly field: string;
}

export function showBlame(cell: Cell, options: BlameOptions): Promise<void> {
  return withLog(options, (log) => show(log, cell, options));
}

async function show(log: EventLog, asked: Cell, options: BlameOptions): Promise<void> {
  const { table, key, field } = asked;
  const model = modelNamed(table);
  const until = options.at === undefined ? await log.head() : await positionAt(log, options.at);
  const found = await blame(log, await rowTarget(log, model, key), field, until);
  if (!found) throw new CommandFailed(1, `${table} has no row of ${key}`);
  if (!found.columns.includes(field))
    throw new CommandFailed(2, `${table} has no field ${field}; it has ${found.columns.join(', ')}`);
  const settings = options.history ? found.settings : found.settings.slice(-1);
  const causes = await Promise.all(settings.map(({ event }) => causeOf(log, event)));
  if (options.json) return settings.forEach((one, index) => printJson(settingAsJson(one, causes[index] ?? null)));
  print(headOf(found, asked));
  settings.flatMap((one, index) => linesOf(one, causes[index] ?? null)).forEach(print);
}

function modelNamed(table: string): AnyReadModel {
  const model = readModelNamed(table, READ_MODELS);
  if (model) return model;
  const names = READ_MODELS.map((one) => one.table).join(', ');
  throw new CommandFailed(2, `There is no read model ${table}; there are ${names}`);
}

async function causeOf(log: EventLog, { metadata }: RecordedEvent): Promise<RecordedEvent | null> {
  return metadata.$causationId === null ? null : log.readEvent(metadata.$causationId);
}

function headOf({ settings, exists }: Blame, { table, key, field }: Cell): string {
  const value = cell(settings.at(-1)?.value);
  return `${table} ${key}  ${field}  ${exists ? value : 'the row is gone'}`;
}

function linesOf({ event, value }: Setting, cause: RecordedEvent | null): readonly string[] {
  const because = cause ? [dim(`      because of ${eventHead(cause).trim()}`)] : [];
  return [eventHead(event), `      set it to ${cell(value)}`, ...because];
}

function settingAsJson({ key, value, event }: Setting, cause: RecordedEvent | null): object {
  return { key, value, event: eventAsJson(event), cause: cause && eventAsJson(cause) };
}

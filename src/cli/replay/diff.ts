import type { EventLog } from '../../event-log/event-log.js';
import { rowChanges, type RowChange } from '../../forensics/rows/diff.js';
import { canonicalWorkItem } from '../../kernel/pipeline/work-item.js';
import { momentAt } from '../../projections/event/moment.js';
import { READ_MODELS } from '../../projections/read-models.js';
import { withLog, type LogChoice } from '../log-access.js';
import { dim, figure, print, printJson } from '../terminal/text.js';
import { eventHead, rowLines } from './output.js';

export interface DiffOptions extends LogChoice {
  readonly task?: string;
  readonly json?: boolean;
}

export function diff(x: string, y: string, options: DiffOptions): Promise<void> {
  return withLog(options, (log) => show(log, [x, y], options));
}

async function show(log: EventLog, [x, y]: readonly [string, string], { task, json }: DiffOptions): Promise<void> {
  const [one, other] = [await momentAt(log, x), await momentAt(log, y)];
  const [from, to] = [Math.min(one, other), Math.max(one, other)];
  const about = task === undefined ? {} : { workItem: canonicalWorkItem(task) };
  const changes = await rowChanges(log, READ_MODELS, { from, to, ...about });
  if (changes.length > 0) process.exitCode = 1;
  if (json) return changes.forEach((change) => printJson(changeAsJson(change)));
  print(`${figure(changes.length)} rows differ between position ${from} and position ${to}`);
  changes.flatMap(linesOf).forEach(print);
}

function linesOf(change: RowChange): readonly string[] {
  return ['', ...rowLines(change, ''), dim(`  last by ${eventHead(change.event).trim()}`)];
}

function changeAsJson({ table, key, before, after, changed, event }: RowChange): object {
  const position = String(event.position);
  return { table, key, before: before ?? null, after: after ?? null, changed, position, type: event.type };
}

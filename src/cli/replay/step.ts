import type { EventLog } from '../../event-log/event-log.js';
import type { RowStep } from '../../forensics/rows/row-steps.js';
import { readModelNamed, rowTarget } from '../../forensics/rows/row-target.js';
import { stepsOfRows, stepsOfWorkItem } from '../../forensics/rows/steps-of.js';
import type { Range } from '../../forensics/pages.js';
import type { RecordedEvent } from '../../kernel/event.js';
import { canonicalWorkItem } from '../../kernel/pipeline/work-item.js';
import { positionAt, positionBefore } from '../../projections/event/moment.js';
import { READ_MODELS } from '../../projections/read-models.js';
import { CommandFailed } from '../failure.js';
import { withLog, type LogChoice } from '../log-access.js';
import { eventAsJson, print, printJson } from '../terminal/text.js';
import { eventHead, rowLines } from './output.js';

const INDENT = '         ';

export interface StepOptions extends LogChoice {
  readonly key?: string;
  readonly since?: string;
  readonly until?: string;
  readonly json?: boolean;
}

export function step(target: string, options: StepOptions): Promise<void> {
  return withLog(options, (log) => showSteps(log, target, options));
}

async function showSteps(log: EventLog, target: string, options: StepOptions): Promise<void> {
  let previous: RecordedEvent | null = null;
  for await (const step of await stepsFor(log, target, options)) {
    if (options.json) printJson(stepAsJson(step));
    else linesOf(step, previous).forEach(print);
    previous = step.event;
  }
  if (!previous) throw new CommandFailed(1, `Nothing in the log concerns ${nameOf(target, options)}`);
}

async function stepsFor(log: EventLog, target: string, options: StepOptions): Promise<AsyncIterable<RowStep>> {
  const range = await rangeOf(log, options);
  const model = readModelNamed(target, READ_MODELS);
  if (!model) return stepsOfWorkItem(log, canonicalWorkItem(target), READ_MODELS, range);
  return stepsOfRows(log, await rowTarget(log, model, options.key ?? null), range);
}

async function rangeOf(log: EventLog, { since, until }: StepOptions): Promise<Range> {
  return {
    after: since === undefined ? 0 : await positionBefore(log, since),
    until: until === undefined ? await log.head() : await positionAt(log, until),
  };
}

function nameOf(target: string, { key }: StepOptions): string {
  const tables = READ_MODELS.map(({ table }) => table).join(', ');
  return key === undefined ? `${target} (a work item, or one of the read models ${tables})` : `${key} in ${target}`;
}

/** The head of an event stands once, above everything that it changes. */
function linesOf(step: RowStep, previous: RecordedEvent | null): readonly string[] {
  const { event, table, key, error } = step;
  const head = event.position === previous?.position ? [] : [eventHead(event, previous)];
  if (error === null) return [...head, ...rowLines(step, INDENT)];
  return [...head, `${INDENT}${table} ${key}  cannot be folded, and is left as it was: ${error}`];
}

function stepAsJson({ event, table, key, before, after, changed, error }: RowStep): object {
  return { event: eventAsJson(event), table, key, before: before ?? null, after: after ?? null, changed, error };
}

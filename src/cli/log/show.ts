import type { EventLog } from '../../event-log/event-log.js';
import type { RecordedEvent } from '../../kernel/event.js';
import { fromIso } from '../../kernel/time.js';
import { describe } from '../../projections/timeline/wording.js';
import { withLog, type LogChoice } from '../log-access.js';
import { aligned, coloured, dim, duration, eventAsJson, oneLine, print, printJson, short } from '../terminal/text.js';
import { eventNamed } from './event-named.js';

interface ShownEvent {
  readonly event: RecordedEvent;
  readonly causedBy: RecordedEvent | null;
  readonly caused: readonly RecordedEvent[];
}

/** A whole event, with what caused it and what it caused. */
export function show(named: string, options: LogChoice & { readonly json?: boolean }): Promise<void> {
  return withLog(options, async (log) => {
    const shown = await read(log, named);
    if (options.json) printJson(asJson(shown));
    else linesOf(shown).forEach(print);
  });
}

async function read(log: EventLog, named: string): Promise<ShownEvent> {
  const event = await eventNamed(log, named);
  const { $causationId: cause } = event.metadata;
  return { event, causedBy: cause === null ? null : await log.readEvent(cause), caused: await causedBy(log, event) };
}

async function causedBy(log: EventLog, { id, position }: RecordedEvent): Promise<readonly RecordedEvent[]> {
  const caused: RecordedEvent[] = [];
  for (let after = position; ;) {
    const page = await log.readAll({ after, causationId: id });
    caused.push(...page);
    const last = page.at(-1);
    if (!last || page.length < 1_000) return caused;
    after = last.position;
  }
}

function asJson({ event, causedBy: cause, caused }: ShownEvent): object {
  return { ...eventAsJson(event), causedBy: cause && eventAsJson(cause), caused: caused.map(eventAsJson) };
}

function linesOf({ event, causedBy: cause, caused }: ShownEvent): readonly string[] {
  const { position, type, metadata } = event;
  const head = `${position}  ${coloured(type, type)}  ${oneLine(short(describe(event)))}`;
  const { $causationId: causeId } = metadata;
  const because = cause ? [neighbour(cause, event)] : [[causeId ?? 'nothing in the log: it came from outside']];
  const effects = caused.length === 0 ? [['nothing']] : caused.map((one) => neighbour(one, event));
  return [
    head,
    '',
    ...aligned(facts(event)),
    '',
    dim('caused by'),
    ...aligned(because),
    '',
    dim('caused'),
    ...aligned(effects),
    ...payload('data', event.data),
    ...payload('metadata', metadata),
  ];
}

function facts({ id, stream, revision, recordedAt, metadata }: RecordedEvent): readonly (readonly string[])[] {
  return [
    ['id', id],
    ['stream', `${stream}, revision ${revision}`],
    ['recorded', recordedAt],
    ['belongs to', metadata.$correlationId],
    ['by', metadata.actor],
    ['schema version', String(metadata.schemaVersion)],
  ];
}

/** Later is +, earlier is -. */
function neighbour(other: RecordedEvent, { recordedAt }: RecordedEvent): readonly string[] {
  const apartMs = fromIso(other.recordedAt) - fromIso(recordedAt);
  const apart = `${apartMs < 0 ? '-' : '+'}${duration(Math.abs(apartMs))}`;
  return [String(other.position), apart, other.type, oneLine(short(describe(other))), dim(other.stream)];
}

function payload(name: string, value: object): readonly string[] {
  return ['', dim(name), ...JSON.stringify(value, null, 2).split('\n')];
}

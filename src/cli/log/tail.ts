import type { EventLog, FollowedPage } from '../../event-log/event-log.js';
import type { RecordedEvent } from '../../kernel/event.js';
import { canonicalWorkItem } from '../../kernel/pipeline/work-item.js';
import { positionAt, positionBefore } from '../../projections/event/moment.js';
import { withLog, type LogChoice } from '../log-access.js';
import { eventAsJson, eventAsLine, printJson, printRow } from '../terminal/text.js';

export interface TailOptions extends LogChoice {
  readonly follow?: boolean;
  readonly stream?: string;
  readonly type?: readonly string[];
  readonly task?: string;
  readonly since?: string;
  readonly until?: string;
  readonly json?: boolean;
}

export function tail(options: TailOptions): Promise<void> {
  return withLog(options, (log) => showEvents(log, options));
}

async function showEvents(log: EventLog, options: TailOptions): Promise<void> {
  const { after, until } = await rangeOf(log, options);
  const stopping = new AbortController();
  if (options.follow) process.once('SIGINT', () => stopping.abort());
  for await (const page of pagesOf(log, options, { after, signal: stopping.signal })) {
    for (const event of page.events) if (isMeant(event, options, until)) show(event, options);
    if (page.position >= until || (page.caughtUp && !options.follow)) return;
  }
}

async function rangeOf(log: EventLog, { since, until }: TailOptions) {
  return {
    after: since === undefined ? 0 : await positionBefore(log, since),
    until: until === undefined ? Infinity : await positionAt(log, until),
  };
}

function pagesOf(
  log: EventLog,
  { stream, type, task }: TailOptions,
  range: { readonly after: number; readonly signal: AbortSignal },
): AsyncIterable<FollowedPage> {
  return log.follow({
    ...range,
    ...(stream === undefined ? {} : { streamPrefix: stream }),
    ...(type === undefined ? {} : { types: type }),
    ...(task === undefined ? {} : { correlationId: canonicalWorkItem(task) }),
  });
}

/** The log selects by the beginning of a stream's name; `job-1` is not `job-12`. */
function isMeant(event: RecordedEvent, { stream }: TailOptions, until: number): boolean {
  return event.position <= until && (stream === undefined || event.stream === stream);
}

function show(event: RecordedEvent, { json }: TailOptions): void {
  if (json) printJson(eventAsJson(event));
  else printRow(eventAsLine(event));
}

import type { EventLog } from '../../event-log/event-log.js';
import type { RecordedEvent } from '../../kernel/event.js';
import { canonicalWorkItem } from '../../kernel/pipeline/work-item.js';
import { describe } from '../../projections/timeline/wording.js';
import { CommandFailed } from '../failure.js';
import { eventsOf, withLog, type LogChoice } from '../log-access.js';
import { coloured, dim, duration, eventAsJson, oneLine, printJson, printRow, short } from '../terminal/text.js';
import { causationTree, type TraceNode } from './causation-tree.js';
import { eventNamed, namesEvent } from './event-named.js';

/** The tree of what led to what: of a work item, or of everything that one event brought about. */
export function trace(subject: string, options: LogChoice & { readonly json?: boolean }): Promise<void> {
  return withLog(options, async (log) => {
    const events = namesEvent(subject) ? await below(log, subject) : await ofWorkItem(log, subject);
    for (const { event, depth, latencyMs } of causationTree(events)) {
      if (options.json) printJson({ ...eventAsJson(event), depth, latencyMs });
      else printRow(lineOf({ event, depth, latencyMs }));
    }
  });
}

/** With what stands outside of its own events and led to them: the delivery that was read, for one. */
async function ofWorkItem(log: EventLog, workItem: string): Promise<readonly RecordedEvent[]> {
  const own = await eventsOf(log, workItem);
  if (own.length === 0) throw new CommandFailed(1, `The log has no event of ${canonicalWorkItem(workItem)}`);
  const known = new Map(own.map((event) => [event.id, event]));
  for (const event of own) await addAncestors(log, event, known);
  return [...known.values()];
}

async function addAncestors(log: EventLog, event: RecordedEvent, known: Map<string, RecordedEvent>): Promise<void> {
  for (let id = event.metadata.$causationId; id !== null && !known.has(id);) {
    const cause = await log.readEvent(id);
    if (!cause) return;
    known.set(id, cause);
    id = cause.metadata.$causationId;
  }
}

/** A cause is always older than what it causes, so one reading from the event on finds everything below it. */
async function below(log: EventLog, named: string): Promise<readonly RecordedEvent[]> {
  const root = await eventNamed(log, named);
  const found = new Map([[root.id, root]]);
  for (let after = root.position; ;) {
    const page = await log.readAll({ after });
    for (const event of page) if (found.has(event.metadata.$causationId ?? '')) found.set(event.id, event);
    const last = page.at(-1);
    if (!last) return [...found.values()];
    after = last.position;
  }
}

function lineOf({ event, depth, latencyMs }: TraceNode): string {
  const { position, type } = event;
  const took = latencyMs === null ? event.recordedAt : `+${duration(latencyMs)}`;
  const head = dim(`${String(position).padStart(7)}  ${took.padStart(latencyMs === null ? 0 : 14)}`);
  const what = `${coloured(type, type)}  ${oneLine(short(describe(event)))}`;
  return `${head}  ${'  '.repeat(depth)}${what}  ${dim(event.stream)}`;
}

import type { LeadTaken } from '../../domain/leadership/events.js';
import { LEADERSHIP_STREAM } from '../../event-log/beside/fenced-log.js';
import type { EventLog, Expected } from '../../event-log/event-log.js';
import { numberOf, type Position, type RecordedEvent } from '../../kernel/event.js';
import { fromIso } from '../../kernel/time.js';
import { CommandFailed } from '../failure.js';
import type { LogEnd } from './log-ends.js';
import { eventsIn, sameFacts } from './walk.js';

export interface Copied {
  readonly events: number;
  /** Of these were there already, from a copy that was interrupted. */
  readonly found: number;
  /** Streams whose revisions are others, because void events were left out. */
  readonly shiftedStreams: number;
}

export interface CopyWatch {
  /** Time of the event that is written next: it is recorded as of when it was recorded first. */
  readonly setClock: (ms: number) => void;
  readonly onProgress: (position: Position, head: Position) => void;
}

/** Events in their order, with their ids, times, metadata and numbers; what the target holds already has to be the beginning of the source. */
export async function copyLog(source: LogEnd, target: LogEnd, watch: CopyWatch): Promise<Copied> {
  await assertLeft(source.log);
  const copying = new Copying(target.log, watch);
  const head = await source.log.head();
  const there = eventsIn(target.log);
  const handled = (await source.heartbeats.last())?.handled ?? 0;
  let handledThere: Position = 0;
  for await (const event of eventsIn(source.log)) {
    const next = await there.next();
    const position = next.done ? await copying.append(event) : copying.recognise(event, next.value);
    if (event.position <= handled) handledThere = position;
    watch.onProgress(event.position, head);
  }
  if (!(await there.next()).done)
    throw new CommandFailed(1, 'The target holds more than the source: it is another log, or went on by itself');
  await target.heartbeats.beat({ holder: 'log copy', term: -1, count: 1, handled: handledThere });
  return copying.copied;
}

/** Reads both again, from one end to the other. */
export async function compareLogs(source: EventLog, target: EventLog): Promise<number> {
  const there = eventsIn(target);
  let count = 0;
  for await (const event of eventsIn(source)) {
    const { value } = await there.next();
    if (!value || !sameFacts(event, value))
      throw new CommandFailed(1, `The copy differs from position ${event.position} of the source on`);
    count += 1;
  }
  return count;
}

class Copying {
  private readonly revisions = new Map<string, number>();
  private readonly shifted = new Set<string>();
  private events = 0;
  private found = 0;

  constructor(
    private readonly target: EventLog,
    private readonly watch: CopyWatch,
  ) {}

  get copied(): Copied {
    return { events: this.events, found: this.found, shiftedStreams: this.shifted.size };
  }

  recognise(event: RecordedEvent, there: RecordedEvent): Position {
    if (!sameFacts(event, there))
      throw new CommandFailed(
        1,
        `The target holds another log: its event at position ${there.position} is not the source's`,
      );
    this.found += 1;
    return this.count(event, there.revision, there.position);
  }

  /** Sent twice it is the same event, so a copy that was interrupted goes on where it was. */
  async append(event: RecordedEvent): Promise<Position> {
    const { stream, id, type, data, metadata } = event;
    const number = numberOf(event);
    this.watch.setClock(fromIso(event.recordedAt));
    const expected: Expected = this.revisions.get(stream) ?? 'no-stream';
    const [appended] = await this.target.append([
      { stream, expected, events: [{ id, type, data, metadata: { ...metadata, number } }] },
    ]);
    return this.count(event, appended?.revision ?? 0, appended?.positions[0] ?? 0);
  }

  private count({ stream, revision }: RecordedEvent, there: number, position: Position): Position {
    this.revisions.set(stream, there);
    if (there !== revision) this.shifted.add(stream);
    this.events += 1;
    return position;
  }
}

/** Two orchestrators that go on from one beginning would do everything twice. What the sagas had not handled they handle on the copy. */
async function assertLeft(source: EventLog): Promise<void> {
  const [newest] = await source.readStream(LEADERSHIP_STREAM, { direction: 'backwards', limit: 1 });
  if (newest?.type !== 'LeadTaken') return;
  const { holder } = newest.data as LeadTaken['data'];
  throw new CommandFailed(
    1,
    `${holder} leads the source and has not left it: stop it with SIGTERM (after a crash start it first), and copy again`,
  );
}

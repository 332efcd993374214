import type { EventLog } from '../../event-log/event-log.js';
import type { AnyDecider } from '../../kernel/decider.js';
import type { Position, RecordedEvent, Revision } from '../../kernel/event.js';

interface Folded {
  readonly state: unknown;
  /** -1 before the first event. */
  readonly revision: Revision;
}

const STREAMS_MAX = 20_000;
const PAGE = 1_000;

/** The state of every stream as a reader of the log comes along; what is not remembered any more is folded again. */
export class StreamStates {
  private readonly folded = new Map<string, Folded>();
  private readonly forgotten = new Set<string>();

  constructor(
    private readonly log: EventLog,
    /** Where the reader comes in; what was before has to be folded. */
    private readonly begin: Position = 0,
  ) {}

  /** The state that the event of this revision was decided on. */
  async before(decider: AnyDecider, stream: string, revision: Revision): Promise<unknown> {
    const known = this.folded.get(stream);
    if (known?.revision === revision - 1) return known.state;
    if (revision === 0) return decider.initial;
    const state = await this.fold(decider, stream, revision);
    this.remember(stream, { state, revision: revision - 1 });
    return state;
  }

  /** The state that the last event asked for, or advanced by, has left behind; of a stream that has not come along yet, its beginning. */
  async now(decider: AnyDecider, stream: string, position: Position): Promise<unknown> {
    const known = this.folded.get(stream);
    if (known) return known.state;
    if (this.begin === 0 && !this.forgotten.has(stream)) return decider.initial;
    const last = await this.revisionAt(stream, position);
    return this.before(decider, stream, last + 1);
  }

  /** The state after these events, which follow the state that was asked for last. */
  advance(decider: AnyDecider, before: unknown, events: readonly RecordedEvent[]): void {
    const last = events.at(-1);
    if (!last) return;
    const state = events.reduce((current, event) => evolved(decider, current, event), before);
    this.remember(last.stream, { state, revision: last.revision });
  }

  private async revisionAt(stream: string, position: Position): Promise<Revision> {
    for (let after: number | undefined; ;) {
      const options = after === undefined ? {} : { after };
      const page = await this.log.readStream(stream, { ...options, direction: 'backwards', limit: PAGE });
      const found = page.find((event) => event.position <= position);
      if (found || page.length === 0) return found?.revision ?? -1;
      after = page.at(-1)?.revision;
    }
  }

  private async fold(decider: AnyDecider, stream: string, until: Revision): Promise<unknown> {
    let state: unknown = decider.initial;
    for (let after = -1; after < until - 1;) {
      const page = await this.log.readStream(stream, { after, limit: Math.min(PAGE, until - 1 - after) });
      if (page.length === 0) return state;
      state = page.reduce((current, event) => evolved(decider, current, event), state);
      after += page.length;
    }
    return state;
  }

  /** The least recently used goes first: a Map keeps insertion order. */
  private remember(stream: string, folded: Folded): void {
    this.folded.delete(stream);
    this.folded.set(stream, folded);
    if (this.folded.size <= STREAMS_MAX) return;
    for (const oldest of this.folded.keys()) {
      this.folded.delete(oldest);
      this.forgotten.add(oldest);
      return;
    }
  }
}

/** An event that this version does not know belongs to a newer one and cannot matter to it. */
export function evolved(decider: AnyDecider, state: unknown, event: RecordedEvent): unknown {
  return event.type in decider.events ? (decider.evolve(state, event) as unknown) : state;
}

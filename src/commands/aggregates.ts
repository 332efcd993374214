import type { AnyDecider } from '../kernel/decider.js';
import type { RecordedEvent, Revision } from '../kernel/event.js';
import type { EventLog } from '../event-log/event-log.js';
import type { Snapshots } from '../event-log/snapshots.js';

/** A stream, folded. */
export interface Loaded<State> {
  readonly state: State;
  /** -1 for a stream that does not exist. */
  readonly revision: Revision;
  /** Ids of the newest commands, so that a repeated one changes nothing. */
  readonly commandIds: readonly string[];
}

const PAGE = 1000;
const COMMAND_IDS_MAX = 200;
const LOADED_MAX = 5000;

/** Folds streams and remembers the newest of them; a remembered one may be behind, the append finds that out. */
export class Aggregates {
  private readonly loaded = new Map<string, Loaded<unknown>>();

  constructor(
    private readonly log: Pick<EventLog, 'logId' | 'readStream'>,
    private readonly snapshots: Snapshots,
  ) {}

  async load<State>(decider: AnyDecider, stream: string): Promise<Loaded<State>> {
    const known = this.loaded.get(stream) as Loaded<State> | undefined;
    return known ?? this.refresh(decider, stream);
  }

  /** Reads what is missing from the log; a long stream begins at its snapshot. */
  async refresh<State>(decider: AnyDecider, stream: string): Promise<Loaded<State>> {
    const known = this.loaded.get(stream) as Loaded<State> | undefined;
    let current: Loaded<State> = known ?? { state: decider.initial as State, revision: -1, commandIds: [] };
    let page = await this.log.readStream(stream, { after: current.revision, limit: PAGE });
    if (page.length === PAGE && !known) {
      current = (await this.snapshot<State>(stream)) ?? current;
      page = await this.log.readStream(stream, { after: current.revision, limit: PAGE });
    }
    const start = current.revision;
    for (; page.length > 0; page = await this.log.readStream(stream, { after: current.revision, limit: PAGE })) {
      current = this.fold(decider, current, page);
      if (page.length < PAGE) break;
    }
    this.remember(stream, current);
    if (current.revision - start >= PAGE) await this.snapshots.save(stream, this.log.logId, current);
    return current;
  }

  /** Takes over what was just appended. */
  advance<State>(decider: AnyDecider, stream: string, from: Loaded<State>, events: readonly RecordedEvent[]): void {
    this.remember(stream, this.fold(decider, from, events));
  }

  private async snapshot<State>(stream: string): Promise<Loaded<State> | null> {
    return (await this.snapshots.load(stream, this.log.logId)) as Loaded<State> | null;
  }

  private fold<State>(decider: AnyDecider, from: Loaded<State>, events: readonly RecordedEvent[]): Loaded<State> {
    let { state, revision } = from;
    const commandIds = [...from.commandIds];
    for (const event of events) {
      // An event that this version does not know belongs to a newer one and cannot matter to it.
      if (event.type in decider.events) state = decider.evolve(state, event) as State;
      revision = event.revision;
      if (commandIds.at(-1) !== event.metadata.commandId) commandIds.push(event.metadata.commandId);
    }
    return { state, revision, commandIds: commandIds.slice(-COMMAND_IDS_MAX) };
  }

  /** The least recently used goes first: a Map keeps insertion order. */
  private remember(stream: string, current: Loaded<unknown>): void {
    this.loaded.delete(stream);
    this.loaded.set(stream, current);
    if (this.loaded.size <= LOADED_MAX) return;
    for (const oldest of this.loaded.keys()) {
      this.loaded.delete(oldest);
      return;
    }
  }
}

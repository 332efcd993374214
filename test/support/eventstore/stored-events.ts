/** An event as the server keeps it; its position is a byte offset, so positions are sparse. */
export interface StoredEvent {
  readonly id: string;
  readonly stream: string;
  readonly revision: number;
  readonly position: number;
  readonly type: string;
  readonly contentType: string;
  readonly createdMs: number;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

export type ProposedEvent = Pick<StoredEvent, 'id' | 'type' | 'contentType' | 'data' | 'metadata'>;

export type ExpectedOnWire = number | 'no-stream' | 'any' | 'stream-exists';

export type AppendVerdict =
  | { readonly kind: 'written'; readonly last: StoredEvent }
  | { readonly kind: 'idempotent'; readonly last: StoredEvent }
  | { readonly kind: 'wrong-version'; readonly current: number | 'no-stream' };

const RECORD_OVERHEAD = 180;
const FIRST_POSITION = 2_418;

/** What survives a restart of the server. The rules of an append are those of KurrentDB's `IndexWriter.CheckCommit`. */
export class StoredEvents {
  readonly all: StoredEvent[] = [];
  readonly #streams = new Map<string, StoredEvent[]>();
  #end: number;

  constructor(private readonly holes: { readonly first?: number; readonly step?: number } = {}) {
    this.#end = holes.first ?? FIRST_POSITION;
  }

  stream(name: string): readonly StoredEvent[] | undefined {
    return this.#streams.get(name);
  }

  append(name: string, expected: ExpectedOnWire, proposed: readonly ProposedEvent[]): AppendVerdict {
    const events = this.#streams.get(name) ?? [];
    const current = events.length - 1;
    const expectedRevision = revisionOf(expected, current);
    if (expectedRevision < current) return this.#behind(events, expectedRevision, proposed);
    if (expectedRevision > current) return { kind: 'wrong-version', current: current < 0 ? 'no-stream' : current };
    this.#streams.set(name, events);
    for (const event of proposed) this.#keep(name, events, event);
    return { kind: 'written', last: events.at(-1) as StoredEvent };
  }

  /** Index of the first event at or after the position; null where no record begins or ends there. */
  indexAt(position: number): number | null {
    let [low, high] = [0, this.all.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.all[middle]?.position ?? 0) < position) low = middle + 1;
      else high = middle;
    }
    return this.all[low]?.position === position || position === this.#end ? low : null;
  }

  /** "Strong idempotency": the same ids at the expected place, at any age. */
  #behind(events: readonly StoredEvent[], after: number, proposed: readonly ProposedEvent[]): AppendVerdict {
    const same = proposed.every(({ id }, index) => events[after + 1 + index]?.id === id);
    if (!same) return { kind: 'wrong-version', current: events.length - 1 };
    return { kind: 'idempotent', last: events[after + proposed.length] as StoredEvent };
  }

  #keep(stream: string, events: StoredEvent[], proposed: ProposedEvent): void {
    const position = this.#end;
    const stored = { ...proposed, stream, revision: events.length, position, createdMs: Date.now() };
    this.#end += RECORD_OVERHEAD + proposed.data.length + proposed.metadata.length + (this.holes.step ?? 0);
    events.push(stored);
    this.all.push(stored);
  }
}

function revisionOf(expected: ExpectedOnWire, current: number): number {
  if (expected === 'no-stream') return -1;
  return typeof expected === 'number' ? expected : current;
}

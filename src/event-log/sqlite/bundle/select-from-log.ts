import type { Position, RecordedEvent } from '../../../kernel/event.js';
import type { EventFilter, EventLog } from '../../event-log.js';
import { digestOf, GENESIS_HASH, linkAfter } from '../hash-chain.js';
import type { BundleRow, Scope, Selected, Selection, Window } from './select.js';

interface Cause {
  readonly position: Position;
  readonly cause: string | null;
}

/**
 * The same selection of a log that can only be read from one end to the other. Its events have no chain over all of them, so the bundle
 * gets one of its own.
 */
export class LogSelection implements Selection {
  readonly #wanted = new Set<Position>();
  #to: Position = 0;

  constructor(private readonly log: EventLog) {}

  async windowOf(scope: Scope): Promise<Window | null> {
    let [first, last]: (Position | undefined)[] = [];
    for await (const events of this.#eventsOf(scope)) {
      first ??= events[0]?.position;
      last = events.at(-1)?.position ?? last;
    }
    return first === undefined || last === undefined ? null : { from: first, to: last };
  }

  async select(window: Window): Promise<Selected> {
    this.#to = window.to;
    await this.#choose(window);
    let head = GENESIS_HASH;
    for await (const rows of this.rows()) head = rows.at(-1)?.hash ?? head;
    return { events: this.#wanted.size, head };
  }

  async *rows(): AsyncGenerator<readonly BundleRow[], void, void> {
    let previous = GENESIS_HASH;
    for await (const page of this.#pages({ from: 1, to: this.#to })) {
      const rows: BundleRow[] = [];
      for (const event of page) {
        if (!this.#wanted.has(event.position)) continue;
        const row = rowOf(event, previous);
        rows.push(row);
        previous = row.hash;
      }
      if (rows.length > 0) yield rows;
    }
  }

  /** The window; of what was before, its streams, its work items, what caused those, and the settings. */
  async #choose(window: Window): Promise<void> {
    const streams = new Set(['settings']);
    const workItems = new Set<string>();
    const causes: (string | null)[] = [];
    for await (const page of this.#pages(window)) {
      for (const { position, stream, metadata } of page) {
        this.#wanted.add(position);
        streams.add(stream);
        workItems.add(metadata.$correlationId);
        causes.push(metadata.$causationId);
      }
    }
    const earlier = new Map<string, Cause>();
    for await (const page of this.#pages({ from: 1, to: window.from - 1 })) {
      for (const { id, position, stream, metadata } of page) {
        const { $correlationId: workItem, $causationId: cause } = metadata;
        earlier.set(id, { position, cause });
        if (workItems.has(workItem)) causes.push(id);
        else if (streams.has(stream)) this.#wanted.add(position);
      }
    }
    this.#chooseCauses(causes, earlier);
  }

  #chooseCauses(open: (string | null)[], earlier: Map<string, Cause>): void {
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      const found = id === null ? undefined : earlier.get(id);
      if (id === null || !found) continue;
      this.#wanted.add(found.position);
      open.push(found.cause);
      earlier.delete(id);
    }
  }

  async *#eventsOf({ task, repo, since, until }: Scope): AsyncGenerator<readonly RecordedEvent[], void, void> {
    const filter = task === undefined ? {} : { correlationId: task };
    for await (const page of this.#pages({ from: since, to: until }, filter))
      yield page.filter((event) => isOf(event, repo));
  }

  async *#pages({ from, to }: Window, filter: EventFilter = {}): AsyncGenerator<readonly RecordedEvent[], void, void> {
    for (let after = from - 1; after < to;) {
      const page = await this.log.readAll({ ...filter, after });
      const last = page.at(-1);
      if (!last) return;
      yield last.position <= to ? page : page.filter(({ position }) => position <= to);
      after = last.position;
    }
  }
}

function isOf({ data }: RecordedEvent, repo: string | undefined): boolean {
  return repo === undefined || (data as { readonly repo?: unknown }).repo === repo;
}

function rowOf({ data, metadata, recordedAt, ...place }: RecordedEvent, previous: string): BundleRow {
  const payload = { data: JSON.stringify(data), metadata: JSON.stringify(metadata) };
  const fields = { ...place, schemaVersion: metadata.schemaVersion, recordedAt };
  const digests = { dataDigest: digestOf(payload.data), metadataDigest: digestOf(payload.metadata) };
  const hash = linkAfter(previous, { ...fields, ...digests });
  return { ...place, schema_version: metadata.schemaVersion, ...payload, recorded_at: recordedAt, hash, previous };
}

import type { Clock } from '../../kernel/clock.js';
import type { Position, RecordedEvent } from '../../kernel/event.js';
import { LogUnavailable } from '../errors.js';
import { PAGE_SIZE_MAX } from '../event-filter.js';
import type {
  AppendedStream,
  EventFilter,
  EventLog,
  EventParts,
  Follow,
  FollowedPage,
  ReadAll,
  ReadStream,
  StreamCheck,
  StreamWrite,
} from '../event-log.js';
import { followPages } from '../follow-pages.js';
import { GroupCommit } from '../group-commit.js';
import type { Upcasts } from '../upcasts.js';
import { upcast, UPCASTS } from '../upcasts.js';
import { readWholeFrom } from './bundle/excerpt.js';
import { ChangeWatch } from './change-watch.js';
import type { Connection } from './connection.js';
import { ConnectionPool } from './connection-pool.js';
import { openReader, openWriter, readLogId } from './log-file.js';
import type { Query } from './queries.js';
import { allQuery, streamQuery } from './queries.js';
import type { EncodedAppend, EventRow } from './rows.js';
import { encodeAppend, EVENT, recordedEvent } from './rows.js';
import { Tail } from './tail.js';
import { Writer } from './writer.js';

export interface SqliteEventLogOptions {
  readonly path: string;
  readonly clock: Clock;
  /** For the command line: works beside a running service, and on a copy. */
  readonly readOnly?: boolean;
  readonly eventBytesMax?: number;
  readonly upcasts?: Upcasts;
  /** How often a follower looks for what other processes have written. */
  readonly pollMs?: number;
}

const EVENT_BYTES_MAX = 8 * 1024 * 1024;
const BATCH_SIZE_MAX = 16 * 1024 * 1024;
const POLL_MS = 100;

export async function openSqliteEventLog(options: SqliteEventLogOptions): Promise<SqliteEventLog> {
  const writer = options.readOnly ? undefined : await openWriter(options.path);
  const first = await openReader(options.path);
  const readers = new ConnectionPool([first, await openReader(options.path)]);
  const wholeFrom = (await readWholeFrom(first)) ?? 1;
  return new SqliteEventLog({ ...options, wholeFrom }, await readLogId(first), { writer, readers });
}

interface Connections {
  /** Absent where the log is only read. */
  readonly writer: Connection | undefined;
  readonly readers: ConnectionPool;
}

type Appends = GroupCommit<EncodedAppend, readonly AppendedStream[]>;

export class SqliteEventLog implements EventLog {
  readonly path: string;
  readonly wholeFrom: Position;
  readonly #eventBytesMax: number;
  readonly #upcasts: Upcasts;
  readonly #appends: Appends | undefined;
  readonly #watch: ChangeWatch;
  readonly #tail: Tail;
  readonly #closing = new AbortController();
  readonly #connections: Connections;

  constructor(
    options: SqliteEventLogOptions & { readonly wholeFrom: Position },
    readonly logId: string,
    connections: Connections,
  ) {
    this.path = options.path;
    this.wholeFrom = options.wholeFrom;
    this.#eventBytesMax = options.eventBytesMax ?? EVENT_BYTES_MAX;
    this.#upcasts = options.upcasts ?? UPCASTS;
    this.#connections = connections;
    this.#watch = new ChangeWatch({ head: () => this.head(), pollMs: options.pollMs ?? POLL_MS });
    const read = (after: Position): Promise<readonly RecordedEvent[]> => this.#read(allQuery({ after }));
    this.#tail = new Tail({ bell: this.#watch.bell, head: () => this.head(), read });
    this.#appends = connections.writer && this.#groupCommit(connections.writer, options.clock);
  }

  async append(
    writes: readonly StreamWrite[],
    checks: readonly StreamCheck[] = [],
  ): Promise<readonly AppendedStream[]> {
    this.#assertOpen();
    if (!this.#appends) throw new LogUnavailable(`${this.path} is opened for reading only`);
    return this.#appends.submit(encodeAppend({ writes, checks }, this.#eventBytesMax));
  }

  async readStream(stream: string, options: ReadStream = {}): Promise<readonly RecordedEvent[]> {
    return this.#read(streamQuery(stream, options));
  }

  async readAll(options: ReadAll = {}): Promise<readonly RecordedEvent[]> {
    return this.#read(allQuery(options));
  }

  async readEvent(id: string): Promise<RecordedEvent | null> {
    const [event] = await this.#read({ sql: `SELECT ${EVENT} FROM events WHERE id = ?`, values: [id] });
    return event ?? null;
  }

  follow({ after, signal, ...filter }: Follow): AsyncIterable<FollowedPage> {
    const either = AbortSignal.any([signal, this.#closing.signal]);
    const readPage = (from: Position): Promise<FollowedPage> => this.#followedPage(from, filter);
    return this.#watch.whileFollowing(followPages({ bell: this.#watch.bell, readPage }, after, either));
  }

  async head(): Promise<Position> {
    const [head] = await this.#rows<{ readonly position: Position }>({ sql: 'SELECT position FROM head', values: [] });
    return head?.position ?? 0;
  }

  /** What was accepted before is still written. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    await this.#appends?.drained();
    await this.#connections.readers.close();
    await this.#connections.writer?.close();
  }

  #groupCommit(connection: Connection, clock: Clock): Appends {
    const writer = new Writer(connection, clock, () => this.#watch.bell.ring());
    return new GroupCommit({
      commit: (batch) => writer.commit(batch),
      weigh: ({ size }) => size,
      weightMax: BATCH_SIZE_MAX,
    });
  }

  /** Far back the head is read first: whatever is in the log up to there has been seen with this page. */
  async #followedPage(after: Position, filter: EventFilter & EventParts): Promise<FollowedPage> {
    const near = await this.#tail.pageAfter(after, filter);
    if (near) return near;
    const head = await this.head();
    const events = await this.#read(allQuery({ ...filter, after }, head));
    const last = events.at(-1)?.position ?? after;
    const caughtUp = events.length < PAGE_SIZE_MAX || last === head;
    return { events, position: caughtUp ? Math.max(after, head) : last, caughtUp };
  }

  async #read(query: Query): Promise<readonly RecordedEvent[]> {
    const rows = await this.#rows<EventRow>(query);
    return rows.map((row) => upcast(recordedEvent(row, this.path), this.#upcasts));
  }

  async #rows<Row>({ sql, values }: Query): Promise<readonly Row[]> {
    this.#assertOpen();
    return this.#connections.readers.use((connection) => connection.all<Row>(sql, ...values));
  }

  #assertOpen(): void {
    if (this.#closing.signal.aborted) throw new LogUnavailable(`The event log ${this.path} is closed`);
  }
}

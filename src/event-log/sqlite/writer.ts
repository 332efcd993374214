import type { Clock } from '../../kernel/clock.js';
import { toIso } from '../../kernel/time.js';
import type { LogView, Place } from '../arbitration.js';
import type { AppendedStream, Expected, StreamCheck } from '../event-log.js';
import type { Outcome } from '../group-commit.js';
import type { Connection } from './connection.js';
import { inTransaction, isConstraint } from './connection.js';
import { Draft } from './draft.js';
import type { ChainHead } from './hash-chain.js';
import type { EncodedAppend } from './rows.js';
import { INSERT_MANY, INSERT_ONE } from './rows.js';

const CHECKED_MAX = 1_000;

type Appended = Outcome<readonly AppendedStream[]>;

const SELECT_HEAD = 'SELECT position, lower(hex(hash)) AS hash FROM head';
const SELECT_STREAM_HEADS = `
  SELECT value AS stream, (SELECT max(revision) FROM events WHERE stream = value) AS revision FROM json_each(?)`;
const SELECT_PLACES = `
  SELECT events.id, events.stream, events.revision, events.position
  FROM json_each(?) AS wanted CROSS JOIN events ON events.id = wanted.value`;

/**
 * Commits a batch with one statement and therefore in one go, believing what the appends expect: the keys and triggers
 * of the table refuse it if a stream, an id or the end of the log is not where the batch takes it to be, which also
 * covers what another process has written meanwhile. Only then it looks, under the write lock, and judges each append.
 */
export class Writer {
  #head: ChainHead | undefined;
  /**
   * Streams that appends depend on without writing them, as they are at the head: whoever else writes anything moves the head, and what
   * is believed of them is found out with it.
   */
  #checked = new Map<string, Expected>();
  #now = { ms: Number.NaN, iso: '' };

  constructor(
    private readonly connection: Connection,
    private readonly clock: Clock,
    private readonly onCommitted: () => void,
  ) {}

  async commit(batch: readonly EncodedAppend[]): Promise<readonly Appended[]> {
    const believed = this.#head && this.#believe(batch, this.#head);
    this.#head = undefined;
    try {
      if (!believed) return await this.#commitKnowing(batch);
      await this.#insert(believed.draft);
      return this.#committed(believed);
    } catch (error) {
      this.#checked.clear();
      if (!believed || !isConstraint(error)) throw error;
      return this.#commitKnowing(batch);
    }
  }

  /** Nothing where it is clear without the file that one of them is mistaken, or depends on more than it writes. */
  #believe(batch: readonly EncodedAppend[], head: ChainHead): DraftedBatch | undefined {
    const draft = this.#draftAfter(head);
    const outcomes: Appended[] = [];
    for (const append of batch) {
      if (!draft.allows(append) || !this.#isKnownToHold(append.checks, draft)) return undefined;
      outcomes.push({ answer: draft.take(append) });
    }
    return { draft, outcomes };
  }

  #isKnownToHold(checks: readonly StreamCheck[], draft: Draft): boolean {
    return checks.every(({ stream, expected }) => (draft.headOf(stream) ?? this.#checked.get(stream)) === expected);
  }

  async #commitKnowing(batch: readonly EncodedAppend[]): Promise<readonly Appended[]> {
    const judged = await inTransaction(this.connection, async () => {
      const draft = this.#draftAfter(await this.#readHead());
      const file = await this.#viewFor(batch);
      const outcomes = batch.map((append) => judgeAndTake(draft, append, file));
      await this.#insert(draft);
      return { draft, outcomes, file };
    });
    this.#remember(batch, judged.file);
    return this.#committed(judged);
  }

  #remember(batch: readonly EncodedAppend[], file: LogView): void {
    if (this.#checked.size > CHECKED_MAX) this.#checked.clear();
    for (const { stream } of batch.flatMap(({ checks }) => checks)) this.#checked.set(stream, file.headOf(stream));
  }

  #committed({ draft, outcomes }: DraftedBatch): readonly Appended[] {
    this.#head = draft.head;
    for (const stream of this.#checked.keys()) {
      const moved = draft.headOf(stream);
      if (moved !== undefined) this.#checked.set(stream, moved);
    }
    this.onCommitted();
    return outcomes;
  }

  #draftAfter(head: ChainHead): Draft {
    return new Draft(head, this.#isoNow());
  }

  /** Several appends share a millisecond, and writing a time out costs more than comparing two numbers. */
  #isoNow(): string {
    const now = this.clock.now();
    if (now !== this.#now.ms) this.#now = { ms: now, iso: toIso(now) };
    return this.#now.iso;
  }

  #insert({ rows }: Draft): Promise<unknown> {
    const [first] = rows;
    if (!first) return Promise.resolve();
    if (rows.length === 1) return this.connection.all(INSERT_ONE, ...first);
    return this.connection.all(INSERT_MANY, JSON.stringify(rows));
  }

  async #readHead(): Promise<ChainHead> {
    const [head] = await this.connection.all<ChainHead>(SELECT_HEAD);
    return head as ChainHead;
  }

  /** What the file says of every stream and every id that the batch names. */
  async #viewFor(batch: readonly EncodedAppend[]): Promise<LogView> {
    const named = batch.flatMap(({ writes, checks }) => [...writes, ...checks].map(({ stream }) => stream));
    const ids = batch.flatMap(({ encoded }) => encoded.map(({ event }) => event.id));
    const heads = await this.connection.all<StreamHeadRow>(SELECT_STREAM_HEADS, JSON.stringify([...new Set(named)]));
    const places = await this.connection.all<PlaceRow>(SELECT_PLACES, JSON.stringify([...new Set(ids)]));
    const headByStream = new Map<string, Expected>(
      heads.map(({ stream, revision }) => [stream, revision ?? 'no-stream']),
    );
    const placeById = new Map<string, Place>(places.map((place) => [place.id, place]));
    return {
      headOf: (stream): Expected => headByStream.get(stream) ?? 'no-stream',
      placeOf: (id) => placeById.get(id),
    };
  }
}

interface DraftedBatch {
  readonly draft: Draft;
  readonly outcomes: readonly Appended[];
}

interface StreamHeadRow {
  readonly stream: string;
  readonly revision: number | null;
}

interface PlaceRow extends Place {
  readonly id: string;
}

function judgeAndTake(draft: Draft, append: EncodedAppend, file: LogView): Appended {
  const verdict = draft.judge(append, file);
  if (verdict.kind === 'refused') return { error: verdict.error };
  return { answer: verdict.kind === 'repeated' ? verdict.answer : draft.take(append) };
}

import type { Position } from '../../kernel/event.js';
import type { LogView, Place, Verdict } from '../arbitration.js';
import { firstRevisionOf, judge } from '../arbitration.js';
import type { AppendedStream, StreamWrite } from '../event-log.js';
import type { ChainHead } from './hash-chain.js';
import { linkAfter } from './hash-chain.js';
import type { EncodedAppend, EncodedEvent, InsertedRow } from './rows.js';

/** The rows that one transaction will add: each append sees what those before it in the batch have added. */
export class Draft {
  readonly rows: InsertedRow[] = [];
  readonly #heads = new Map<string, number>();
  readonly #places = new Map<string, Place>();

  constructor(
    private chainHead: ChainHead,
    private readonly recordedAt: string,
  ) {}

  get head(): ChainHead {
    return this.chainHead;
  }

  /** Undefined for a stream that the draft does not write. */
  headOf(stream: string): number | undefined {
    return this.#heads.get(stream);
  }

  /** Whether what the append expects is possible beside those before it; what the file holds is not looked at. */
  allows({ writes }: EncodedAppend): boolean {
    return writes.every(({ stream, expected }) => (this.#heads.get(stream) ?? expected) === expected);
  }

  judge(append: EncodedAppend, file: LogView): Verdict {
    return judge(append, {
      headOf: (stream) => this.#heads.get(stream) ?? file.headOf(stream),
      placeOf: (id) => this.#places.get(id) ?? file.placeOf(id),
    });
  }

  take({ writes, encoded }: EncodedAppend): readonly AppendedStream[] {
    let taken = 0;
    return writes.map((write) => {
      const events = encoded.slice(taken, (taken += write.events.length));
      return this.#takeWrite(write, events);
    });
  }

  #takeWrite(write: StreamWrite, events: readonly EncodedEvent[]): AppendedStream {
    const first = firstRevisionOf(write);
    const revision = first + events.length - 1;
    const positions = events.map((event, index) => this.#takeEvent(write.stream, first + index, event));
    this.#heads.set(write.stream, revision);
    return { stream: write.stream, revision, positions };
  }

  #takeEvent(stream: string, revision: number, encoded: EncodedEvent): Position {
    const { id, type, metadata } = encoded.event;
    const { schemaVersion, $correlationId } = metadata;
    const { recordedAt } = this;
    const { dataDigest, metadataDigest } = encoded;
    const position = this.chainHead.position + 1;
    const covered = { position, stream, revision, id, type, schemaVersion, recordedAt, dataDigest, metadataDigest };
    const hash = linkAfter(this.chainHead.hash, covered);
    this.chainHead = { position, hash };
    this.#places.set(id, covered);
    const payload = [encoded.data, encoded.metadata] as const;
    this.rows.push([position, id, stream, revision, type, schemaVersion, ...payload, $correlationId, recordedAt, hash]);
    return position;
  }
}

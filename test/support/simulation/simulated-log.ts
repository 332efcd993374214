import { VersionConflict } from '../../../src/event-log/errors.js';
import type {
  AppendedStream,
  EventLog,
  Expected,
  ReadStream,
  StreamCheck,
  StreamWrite,
} from '../../../src/event-log/event-log.js';
import type { RecordedEvent } from '../../../src/kernel/event.js';
import { toIso } from '../../../src/kernel/time.js';

/** Where the events go; asked again only for a stream that was left alone for long. */
export interface Sink {
  write(event: RecordedEvent): Promise<void>;
  readStream(stream: string, after: number, limit: number): Promise<readonly RecordedEvent[]>;
}

/** What deciding needs of a log, at a time that is told and not read, and without a disk to wait for. */
export class SimulatedLog implements Pick<EventLog, 'logId' | 'append' | 'readStream'> {
  readonly logId = 'simulation';
  head = 0;
  readonly #revisions = new Map<string, number>();

  constructor(
    private readonly sink: Sink,
    private readonly nowMs: () => number,
    private readonly heard: (event: RecordedEvent) => void,
  ) {}

  async append(
    writes: readonly StreamWrite[],
    checks: readonly StreamCheck[] = [],
  ): Promise<readonly AppendedStream[]> {
    for (const { stream, expected } of [...writes, ...checks]) {
      const actual = this.#headOf(stream);
      if (actual !== expected) throw new VersionConflict(stream, expected, actual);
    }
    const appended: AppendedStream[] = [];
    for (const write of writes) appended.push(await this.#appendTo(write));
    return appended;
  }

  /** A stream that was never written is known without looking. */
  async readStream(stream: string, { after = -1, limit = 1_000 }: ReadStream = {}): Promise<readonly RecordedEvent[]> {
    const revision = this.#revisions.get(stream) ?? -1;
    return revision > after ? this.sink.readStream(stream, after, limit) : [];
  }

  #headOf(stream: string): Expected {
    return this.#revisions.get(stream) ?? 'no-stream';
  }

  async #appendTo({ stream, events }: StreamWrite): Promise<AppendedStream> {
    const recordedAt = toIso(this.nowMs());
    const positions: number[] = [];
    let revision = this.#revisions.get(stream) ?? -1;
    for (const event of events) {
      revision += 1;
      this.head += 1;
      positions.push(this.head);
      const recorded = { ...event, stream, revision, position: this.head, recordedAt };
      await this.sink.write(recorded);
      this.heard(recorded);
    }
    this.#revisions.set(stream, revision);
    return { stream, revision, positions };
  }
}

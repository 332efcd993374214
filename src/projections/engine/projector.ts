import { setTimeout as delay } from 'node:timers/promises';
import type { EventLog, FollowedPage } from '../../event-log/event-log.js';
import type { Position, RecordedEvent } from '../../kernel/event.js';
import type { Moments } from '../moments/moments.js';
import { inBatches } from './batches.js';
import { readAhead } from './read-ahead.js';
import { ReadModelFile, type ChangedKeys } from './read-model-file.js';
import type { AnyReadModel } from './read-model.js';

const RETRY_MS_MIN = 100;
const RETRY_MS_MAX = 5_000;

/** What was just committed: for subscriptions and for whoever waits. */
export interface CommittedPage {
  readonly events: readonly RecordedEvent[];
  readonly changed: ChangedKeys;
  readonly position: Position;
}

export interface Lag {
  readonly position: Position;
  readonly head: Position;
  readonly caughtUp: boolean;
  /** Why the last page could not be folded; null while all is well. */
  readonly failure: string | null;
}

export interface ProjectorOptions {
  readonly path: string;
  readonly models: readonly AnyReadModel[];
  /** Kept on the way, for questions about the past. */
  readonly moments?: Moments | null;
}

/** Carries the log into the read models, page by page, from the checkpoint of the file on. */
export class Projector {
  private readonly stopping = new AbortController();
  private readonly listeners = new Set<(page: CommittedPage) => void>();
  private readonly waiting = new Set<() => void>();
  private file: ReadModelFile | undefined;
  private following: Promise<void> = Promise.resolve();
  private seenHead = false;
  private failure: string | null = null;

  constructor(
    private readonly log: EventLog,
    private readonly options: ProjectorOptions,
  ) {}

  /** Resolves when the file is there and can be read; catching up goes on behind. */
  async start(): Promise<void> {
    const { path, models, moments = null } = this.options;
    this.file = await ReadModelFile.open(path, this.log.logId, models, moments);
    this.following = this.run(this.file);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    for (const look of this.waiting) look();
    await this.following;
    await this.file?.close();
  }

  get position(): Position {
    return this.file?.position ?? 0;
  }

  async lag(): Promise<Lag> {
    const head = await this.log.head();
    const { position, failure } = this;
    return { position, head, caughtUp: this.seenHead && position >= head && failure === null, failure };
  }

  /** Whether everything up to `position` can be read; false when that took longer than `timeoutMs`, or the end came. */
  async waitFor(position: Position, timeoutMs: number): Promise<boolean> {
    if (this.position >= position) return true;
    if (this.stopping.signal.aborted) return false;
    return new Promise((resolve) => {
      const look = (): void => {
        const reached = this.position >= position;
        if (reached || this.stopping.signal.aborted) settle(reached);
      };
      const settle = (reached: boolean): void => {
        clearTimeout(timer);
        this.waiting.delete(look);
        resolve(reached);
      };
      const timer = setTimeout(() => settle(false), timeoutMs);
      this.waiting.add(look);
    });
  }

  /** Called after every commit, in order; the answer ends it. */
  onCommitted(listener: (page: CommittedPage) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** A page that cannot be folded is tried again, ever less often: the log stays, so nothing is lost by waiting. */
  private async run(file: ReadModelFile): Promise<void> {
    const { signal } = this.stopping;
    for (let retryMs = RETRY_MS_MIN; !signal.aborted; retryMs = Math.min(retryMs * 2, RETRY_MS_MAX)) {
      try {
        for await (const page of readAhead((ending) => this.pagesAfter(file.position, ending))) {
          await this.take(file, page);
          retryMs = RETRY_MS_MIN;
        }
      } catch (error) {
        this.failure = error instanceof Error ? error.message : String(error);
      }
      await delay(retryMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  private pagesAfter(after: Position, ending: AbortSignal): AsyncIterable<FollowedPage> {
    return inBatches(this.log.follow({ after, signal: AbortSignal.any([this.stopping.signal, ending]) }));
  }

  private async take(file: ReadModelFile, page: FollowedPage): Promise<void> {
    const changed = await file.apply(page.events, page.position);
    this.failure = null;
    if (page.caughtUp) this.seenHead = true;
    for (const look of this.waiting) look();
    for (const listener of this.listeners) listener({ events: page.events, changed, position: file.position });
  }
}

import type { Position, RecordedEvent } from '../kernel/event.js';
import type { Checkpoints } from './checkpoints.js';
import { CheckpointAheadOfLog } from './checkpoints.js';
import type { EventFilter, EventLog, FollowedPage } from './event-log.js';

export type PageHandler = (page: FollowedPage) => Promise<void>;

export interface FollowerOptions {
  /** Names the checkpoint. */
  readonly name: string;
  readonly log: EventLog;
  readonly checkpoints: Checkpoints;
  /** May be given the same page again: after a failure, and after a crash. */
  readonly handle: PageHandler;
  readonly filter?: EventFilter;
  readonly retry?: RetryDelays;
  /** Resolves after the delay, or at once when the signal is aborted. */
  readonly pause?: (delayMs: number, signal: AbortSignal) => Promise<void>;
  /** Told of every failure; the follower goes on trying whatever it does. */
  readonly onFailure?: (failure: FollowerFailure) => void;
}

export interface RetryDelays {
  readonly firstMs: number;
  readonly delayMsMax: number;
}

export interface FollowerFailure {
  readonly follower: string;
  readonly error: Error;
  /** Failures since the last success. */
  readonly attempts: number;
  readonly retryInMs: number;
  /** The position after which it goes on. */
  readonly position: Position;
}

const RETRY: RetryDelays = { firstMs: 100, delayMsMax: 30_000 };

/**
 * Runs a handler over the log, in order and from a checkpoint. A page that fails is tried again with growing delays and
 * nothing behind it is looked at before; no failure ends the follower or reaches the process.
 */
export class Follower {
  #position: Position = 0;
  #caughtUp = false;
  #failure: FollowerFailure | undefined;
  #stop: AbortController | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(private readonly options: FollowerOptions) {}

  get name(): string {
    return this.options.name;
  }

  /** Everything up to here is handled. */
  get position(): Position {
    return this.#position;
  }

  /** Whether nothing was left when the last page was handled. */
  get caughtUp(): boolean {
    return this.#caughtUp;
  }

  /** What keeps it from going on; undefined again after the next success. */
  get lastError(): Error | undefined {
    return this.#failure?.error;
  }

  /** How many positions it is behind the log. */
  async lag(): Promise<number> {
    return Math.max(0, (await this.options.log.head()) - this.#position);
  }

  start(): void {
    if (this.#stop) return;
    const stop = new AbortController();
    this.#stop = stop;
    this.#running = this.#run(stop.signal);
  }

  /** Resolves when the page under way is handled, or has failed. */
  async stop(): Promise<void> {
    this.#stop?.abort();
    this.#stop = undefined;
    await this.#running;
  }

  async #run(signal: AbortSignal): Promise<void> {
    await this.#untilSuccess(signal, () => this.#loadCheckpoint());
    while (!signal.aborted) {
      await this.#untilSuccess(signal, () => this.#followFromHere(signal));
      // A log that was closed ends the iteration although nobody told us to stop; asking it again tells why.
      if (!signal.aborted) await this.#untilSuccess(signal, async () => void (await this.options.log.head()));
    }
  }

  async #loadCheckpoint(): Promise<void> {
    const { name, log, checkpoints } = this.options;
    const position = await checkpoints.load(name, log.logId);
    const head = await log.head();
    if (position > head) throw new CheckpointAheadOfLog(name, position, head);
    this.#position = position;
  }

  async #followFromHere(signal: AbortSignal): Promise<void> {
    for await (const page of this.options.log.follow({ ...this.options.filter, after: this.#position, signal })) {
      await this.#untilSuccess(signal, () => this.#handle(page));
      if (signal.aborted) return;
    }
  }

  async #handle(page: FollowedPage): Promise<void> {
    const { name, log, checkpoints, handle } = this.options;
    await handle(page);
    if (page.position !== this.#position) await checkpoints.save(name, log.logId, page.position);
    this.#position = page.position;
    this.#caughtUp = page.caughtUp;
  }

  async #untilSuccess(signal: AbortSignal, attempt: () => Promise<void>): Promise<void> {
    while (!signal.aborted) {
      try {
        await attempt();
        this.#failure = undefined;
        return;
      } catch (error) {
        this.#fail(error as Error);
        await this.#pause(signal);
      }
    }
  }

  #fail(error: Error): void {
    const { name: follower, retry = RETRY, onFailure } = this.options;
    const attempts = (this.#failure?.attempts ?? 0) + 1;
    const retryInMs = Math.min(retry.firstMs * 2 ** (attempts - 1), retry.delayMsMax);
    this.#failure = { follower, error, attempts, retryInMs, position: this.#position };
    try {
      onFailure?.(this.#failure);
    } catch {
      // Whoever is told cannot stop the follower either.
    }
  }

  async #pause(signal: AbortSignal): Promise<void> {
    const { pause = pauseFor } = this.options;
    await pause(this.#failure?.retryInMs ?? 0, signal);
  }
}

/** A page handler from an event handler. Of a page that is tried again, what was handled before is passed over. */
export function eachEvent(handle: (event: RecordedEvent) => Promise<void>): PageHandler {
  const handled = new WeakMap<FollowedPage, number>();
  return async (page) => {
    for (const [index, event] of page.events.entries()) {
      if (index < (handled.get(page) ?? 0)) continue;
      await handle(event);
      handled.set(page, index + 1);
    }
  };
}

function pauseFor(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', wake);
      resolve();
    };
    const timer = setTimeout(wake, delayMs);
    signal.addEventListener('abort', wake, { once: true });
    if (signal.aborted) wake();
  });
}

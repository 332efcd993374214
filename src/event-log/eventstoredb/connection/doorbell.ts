import { Bell } from '../../bell.js';
import type { Store } from './client.js';
import { patiently, StoreFailure } from './failures.js';

export interface DoorbellOptions {
  readonly store: Store;
  readonly closing: AbortSignal;
  /** A ring now and then, in case that the subscription is dead and does not say so. */
  readonly pollMs: number;
  readonly onTrouble: (sentence: string) => void;
}

const LIVED_MS = 5_000;

/**
 * A subscription that only says that there is something new. What it is, is read: so nothing depends on how a subscription was
 * interrupted, what it left out, or where it went on.
 */
export class Doorbell {
  readonly bell = new Bell();
  #following = 0;
  #reconnects = -1;
  #subscription: AbortController | undefined;

  constructor(private readonly options: DoorbellOptions) {}

  get reconnects(): number {
    return Math.max(0, this.#reconnects);
  }

  async *whileFollowing<T>(pages: AsyncIterable<T>): AsyncGenerator<T, void, void> {
    this.#following += 1;
    this.#subscription ??= this.#listen();
    try {
      yield* pages;
    } finally {
      this.#following -= 1;
      if (this.#following === 0) this.#stop();
    }
  }

  #listen(): AbortController {
    const own = new AbortController();
    const signal = AbortSignal.any([own.signal, this.options.closing]);
    const timer = setInterval(() => this.bell.ring(), this.options.pollMs).unref();
    signal.addEventListener('abort', () => clearInterval(timer), { once: true });
    void this.#subscribed(signal).catch(() => undefined);
    return own;
  }

  #stop(): void {
    this.#subscription?.abort();
    this.#subscription = undefined;
  }

  async #subscribed(signal: AbortSignal): Promise<void> {
    const { onTrouble } = this.options;
    const onFailure = (error: Error): void => onTrouble(`${error.message}; the subscription is made again`);
    const patience = { giveUpMs: Number.POSITIVE_INFINITY, signal, isWorthAnother: () => true, onFailure };
    while (!signal.aborted) await patiently(() => this.#oneSubscription(signal), patience);
  }

  /** A server that goes ends it without an error. Only one that lived for a while is followed by another one without a pause. */
  async #oneSubscription(signal: AbortSignal): Promise<void> {
    const { store } = this.options;
    const startedAt = performance.now();
    this.#reconnects += 1;
    await store.subscribe(() => this.bell.ring(), signal);
    this.bell.ring();
    const lived = performance.now() - startedAt > LIVED_MS;
    if (!lived && !signal.aborted) throw new StoreFailure('unavailable', `${store.shown} ended the subscription`);
  }
}

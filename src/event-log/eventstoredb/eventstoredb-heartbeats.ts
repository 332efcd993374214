import { randomUUID } from 'node:crypto';
import type { Heartbeat, Heartbeats } from '../beside/heartbeats.js';
import { parseAddress } from './connection/address.js';
import { Store } from './connection/client.js';
import { unavailable } from './appender.js';
import { expectedOf } from './envelope.js';
import { ownStream } from './pages.js';

const STREAM = ownStream('heartbeat');
const KEPT = 5;
const DEADLINE_MS = 1_500;

export interface HeartbeatOptions {
  readonly url: string;
  readonly namespace?: string;
}

/** A technical stream of which the store keeps the newest few; the rest goes with its next scavenge. */
export class EventStoreHeartbeats implements Heartbeats {
  readonly #store: Store;
  #revision: number | null = null;

  /** A connection of its own: a sign of life does not wait behind the work. */
  constructor({ url, namespace = '' }: HeartbeatOptions) {
    this.#store = new Store({ address: parseAddress(url), namespace, deadlineMs: DEADLINE_MS, idleMs: DEADLINE_MS });
  }

  async beat(heartbeat: Heartbeat): Promise<void> {
    try {
      const after = this.#revision ?? (await this.#newest())?.revision ?? -1;
      if (after < 0) await this.#store.keepNewest(STREAM, KEPT);
      const event = { id: randomUUID(), type: 'Heartbeat', data: heartbeat, metadata: {} };
      await this.#store.append(STREAM, expectedOf(after), [event]);
      this.#revision = after + 1;
    } catch (error) {
      // Another one beats, or the answer was lost: the next one looks first.
      this.#revision = null;
      throw unavailable(error);
    }
  }

  async last(): Promise<Heartbeat | null> {
    try {
      return ((await this.#newest())?.data as Heartbeat | undefined) ?? null;
    } catch (error) {
      throw unavailable(error);
    }
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  async #newest() {
    const [newest] = await this.#store.readStream(STREAM, { from: 'end', backwards: true, count: 1 });
    return newest;
  }
}

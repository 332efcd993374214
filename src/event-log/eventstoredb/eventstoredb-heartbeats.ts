import { randomUUID } from 'node:crypto';
import type { Heartbeat, Heartbeats, HostSign } from '../beside/heartbeats.js';
import { parseAddress } from './connection/address.js';
import { Store } from './connection/client.js';
import { StoreFailure } from './connection/failures.js';
import { unavailable } from './appender.js';
import { expectedOf } from './envelope.js';
import { ownStream } from './pages.js';

const STREAM = ownStream('heartbeat');
const KEPT = 5;
/** One stream for all of them, so that nobody has to be told who there is. */
const HOSTS = ownStream('hosts');
/** Of thirty hosts that appear equally often, at least the last two signs of each. */
const HOST_SIGNS_KEPT = 64;
const TURNS_MAX = 5;
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
      const after = this.#revision ?? (await this.#newestOf(STREAM))?.revision ?? -1;
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
      return ((await this.#newestOf(STREAM))?.data as Heartbeat | undefined) ?? null;
    } catch (error) {
      throw unavailable(error);
    }
  }

  /** Hosts appear side by side: whoever was second looks again, and goes behind the other. */
  async appear(sign: HostSign): Promise<void> {
    for (let turn = 1; ; turn += 1) {
      try {
        return await this.#goBehindTheOthers(sign);
      } catch (error) {
        const isSecond = error instanceof StoreFailure && error.kind === 'wrong-version';
        if (!isSecond || turn === TURNS_MAX) throw unavailable(error);
      }
    }
  }

  async hosts(): Promise<readonly HostSign[]> {
    try {
      const newestFirst = await this.#store.readStream(HOSTS, { from: 'end', backwards: true, count: HOST_SIGNS_KEPT });
      const signs = new Map(newestFirst.toReversed().map(({ data }) => [(data as HostSign).name, data as HostSign]));
      return [...signs.values()];
    } catch (error) {
      throw unavailable(error);
    }
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  async #goBehindTheOthers(sign: HostSign): Promise<void> {
    const after = (await this.#newestOf(HOSTS))?.revision ?? -1;
    if (after < 0) await this.#store.keepNewest(HOSTS, HOST_SIGNS_KEPT);
    const event = { id: randomUUID(), type: 'HostSign', data: sign, metadata: {} };
    await this.#store.append(HOSTS, expectedOf(after), [event]);
  }

  async #newestOf(stream: string) {
    const [newest] = await this.#store.readStream(stream, { from: 'end', backwards: true, count: 1 });
    return newest;
  }
}

import { setTimeout as delay } from 'node:timers/promises';

/** Work in lanes: one after the other within a lane, side by side between lanes. */
export class Lanes {
  private readonly tails = new Map<string, Promise<void>>();

  /** `work` answers for its own errors. */
  run(lane: string, work: () => Promise<void>): void {
    const tail = (this.tails.get(lane) ?? Promise.resolve()).then(work);
    this.tails.set(lane, tail);
    void tail.finally(() => {
      if (this.tails.get(lane) === tail) this.tails.delete(lane);
    });
  }

  /** Waits for what is under way, but not longer than `timeoutMs`. */
  async settled(timeoutMs: number): Promise<void> {
    const timer = new AbortController();
    const timeout = delay(timeoutMs, undefined, { signal: timer.signal }).catch(() => undefined);
    await Promise.race([Promise.allSettled(this.tails.values()), timeout]);
    timer.abort();
  }
}

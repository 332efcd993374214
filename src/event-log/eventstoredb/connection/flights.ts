/** More than a hundred calls at once on a fresh connection have been seen to hang (EventStore-Client-NodeJS 304). */
const AT_ONCE_MAX = 32;

/** Lets so many calls run at once; those to one stream one after the other, in the order in which they came. */
export class Flights {
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  readonly #under = new Set<Promise<unknown>>();
  readonly #lastTo = new Map<string, Promise<unknown>>();

  async run<T>(stream: string, call: () => Promise<T>): Promise<T> {
    const before = this.#lastTo.get(stream) ?? Promise.resolve();
    const flight = before.then(() => this.#inTurn(call));
    const settled = flight.catch(() => undefined);
    this.#lastTo.set(stream, settled);
    this.#under.add(settled);
    try {
      return await flight;
    } finally {
      this.#under.delete(settled);
      if (this.#lastTo.get(stream) === settled) this.#lastTo.delete(stream);
    }
  }

  /** Resolves when everything that was under way has ended, one way or the other. */
  async landed(): Promise<void> {
    while (this.#under.size > 0) await Promise.all([...this.#under]);
  }

  async #inTurn<T>(call: () => Promise<T>): Promise<T> {
    if (this.#running >= AT_ONCE_MAX) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running += 1;
    try {
      return await call();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }
}

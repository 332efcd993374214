/** Whoever reads too slowly is sent away instead of filling the memory; he may subscribe again and read what he missed. */
const WAITING_MAX = 1_000;

export class FellBehind extends Error {
  constructor() {
    super(`More than ${WAITING_MAX} messages were waiting: subscribe again, and read what was missed with a query`);
    this.name = 'FellBehind';
  }
}

/** What a source pushes, as an async iterable that a subscription pulls. */
export class Feed<T> implements AsyncIterableIterator<T> {
  private readonly waiting: T[] = [];
  private wake: (() => void) | undefined;
  private ended = false;
  private failure: Error | undefined;
  private readonly leave: () => void;

  constructor(join: (push: (item: T) => void) => () => void) {
    this.leave = join((item) => this.push(item));
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    while (this.waiting.length === 0 && !this.ended) await new Promise<void>((resolve) => (this.wake = resolve));
    const item = this.waiting.shift();
    if (item !== undefined) return { value: item, done: false };
    if (this.failure) throw this.failure;
    return { value: undefined, done: true };
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.waiting.length = 0;
    this.end();
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  private push(item: T): void {
    if (this.ended) return;
    if (this.waiting.length === WAITING_MAX) {
      this.failure = new FellBehind();
      this.end();
    } else this.waiting.push(item);
    this.wake?.();
  }

  private end(): void {
    this.ended = true;
    this.leave();
    this.wake?.();
  }
}

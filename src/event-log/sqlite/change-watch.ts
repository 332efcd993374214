import type { Position } from '../../kernel/event.js';
import { Bell } from '../bell.js';

export interface ChangeWatchOptions {
  readonly head: () => Promise<Position>;
  readonly pollMs: number;
}

/**
 * Wakes followers: at once for what this process commits, and by looking at the head of the file, as long as somebody
 * follows, for what other processes commit. The head is compared and not `PRAGMA data_version`, because that one also
 * changes with our own commits and is bound to one connection.
 */
export class ChangeWatch {
  readonly bell = new Bell();
  #followers = 0;
  #timer: NodeJS.Timeout | undefined;
  #seen: Position | undefined;
  #looking = false;

  constructor(private readonly options: ChangeWatchOptions) {}

  async *whileFollowing<T>(pages: AsyncGenerator<T, void, void>): AsyncGenerator<T, void, void> {
    this.#followers += 1;
    this.#timer ??= setInterval(() => void this.#look(), this.options.pollMs);
    try {
      yield* pages;
    } finally {
      this.#followers -= 1;
      if (this.#followers === 0) this.#stop();
    }
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    const before = this.#seen;
    // A head that cannot be read wakes the followers too: they meet the fault themselves, and can tell somebody.
    this.#seen = await this.options.head().catch(() => undefined);
    this.#looking = false;
    if (this.#seen === undefined || this.#seen !== before) this.bell.ring();
  }
}

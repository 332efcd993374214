import type { Revision } from '../../kernel/event.js';
import type { Store } from './connection/client.js';
import { open } from './envelope.js';
import { GENESIS_LINK } from './stream-chain.js';

interface End {
  readonly revision: Revision;
  readonly link: string;
}

const REMEMBERED_MAX = 5_000;

/** Where the chain of each stream ends, as the store has it; what was only sent is not believed. */
export class Links {
  readonly #ends = new Map<string, End>();

  constructor(private readonly store: Store) {}

  /** Null: the stream has no such event. */
  async after(stream: string, revision: Revision): Promise<string | null> {
    if (revision < 0) return GENESIS_LINK;
    const known = this.#ends.get(stream);
    if (known?.revision === revision) return known.link;
    const [stored] = await this.store.readStream(stream, { from: revision, count: 1 });
    return stored?.revision === revision ? (open(stored)?.link ?? GENESIS_LINK) : null;
  }

  remember(stream: string, end: End): void {
    this.#ends.delete(stream);
    this.#ends.set(stream, end);
    if (this.#ends.size <= REMEMBERED_MAX) return;
    for (const oldest of this.#ends.keys()) {
      this.#ends.delete(oldest);
      return;
    }
  }
}

import type { Position } from '../../kernel/event.js';
import type { Store } from './connection/client.js';
import type { Letter } from './envelope.js';
import { open } from './envelope.js';
import type { Pin } from './stream-chain.js';

const REMEMBERED_MAX = 20_000;
const PAGE = 20;

/**
 * The store writes one stream at once and looks at no other. So an event carries its pins, and whether they held is read from the log: it is
 * void when a pinned stream has an event, itself not void, between the pinned revision and this event's position. The order of the
 * log is the same for everybody and never changes, so everybody comes to the same answer, at any time.
 */
export class Validity {
  /** Where the pinned stream moved on. Never changes. */
  readonly #moves = new Map<string, Position>();
  /** Up to here the pinned stream had not moved. */
  readonly #stillUntil = new Map<string, Position>();

  constructor(private readonly store: Store) {}

  /** Those that count. */
  async validIn(letters: readonly Letter[]): Promise<readonly Letter[]> {
    await this.#learn(letters);
    return letters.filter((letter) => this.#brokenPin(letter) === null);
  }

  /** The pin that did not hold when the event was written, or null. */
  async brokenPinOf(letter: Letter): Promise<Pin | null> {
    await this.#learn([letter]);
    return this.#brokenPin(letter);
  }

  /**
   * For events that are in the store already, while they are read back: a pin that had moved before them shows by now. Answers with what is to be
   * told where they are.
   */
  async lookAfter(pins: readonly Pin[]): Promise<(written: Position) => void> {
    const moves = await Promise.all(pins.map((pin) => this.#firstAfter(pin)));
    return (written) => {
      for (const [index, pin] of pins.entries()) this.#remember(pin, moves[index] ?? null, written);
    };
  }

  /** Whether it is known already, without asking, that the pinned stream has moved on. */
  hasMoved(pin: Pin): boolean {
    return this.#moves.has(keyOf(pin));
  }

  #brokenPin({ event, pins }: Letter): Pin | null {
    return pins.find((pin) => (this.#moves.get(keyOf(pin)) ?? Infinity) < event.position) ?? null;
  }

  /** What was read after the events were is new enough to judge all of them. */
  async #learn(letters: readonly Letter[]): Promise<void> {
    const until = new Map<string, { readonly pin: Pin; readonly position: Position }>();
    for (const { pins, event } of letters) {
      for (const pin of pins) {
        const known = until.get(keyOf(pin))?.position ?? -1;
        until.set(keyOf(pin), { pin, position: Math.max(known, event.position) });
      }
    }
    await Promise.all([...until.values()].map(({ pin, position }) => this.#ask(pin, position)));
  }

  async #ask(pin: Pin, position: Position): Promise<void> {
    const key = keyOf(pin);
    if (this.#moves.has(key) || (this.#stillUntil.get(key) ?? -1) >= position) return;
    this.#remember(pin, await this.#firstAfter(pin), position);
  }

  #remember(pin: Pin, move: Position | null, stillUntil: Position): void {
    const key = keyOf(pin);
    if (move !== null) remember(this.#moves, key, move);
    else remember(this.#stillUntil, key, Math.max(stillUntil, this.#stillUntil.get(key) ?? -1));
  }

  async #firstAfter({ stream, revision }: Pin): Promise<Position | null> {
    for (let from = revision + 1; ; from += PAGE) {
      const page = await this.store.readStream(stream, { from, count: PAGE });
      const [first] = await this.validIn(page.map(open).filter((letter) => letter !== null));
      if (first) return first.event.position;
      if (page.length < PAGE) return null;
    }
  }
}

function keyOf({ stream, revision }: Pin): string {
  return `${stream}@${revision}`;
}

function remember(map: Map<string, Position>, key: string, position: Position): void {
  map.delete(key);
  map.set(key, position);
  if (map.size <= REMEMBERED_MAX) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}

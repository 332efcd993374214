const SLOTS_MIN = 1 << 16;
/** As many hexadecimal digits as a number holds without loss. */
const DIGITS = 13;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * Which ids the log has had so far, in 16 bytes each: of a UUID 52 bits are remembered, so that an id that was never seen is
 * taken for one that was about once in a billion. Ids of another form are kept as they are.
 */
export class SeenIds {
  #slots = new Float64Array(SLOTS_MIN);
  #taken = 0;
  readonly #others = new Set<string>();

  add(id: string): void {
    if (!UUID.test(id)) return void this.#others.add(id);
    if (this.#taken * 2 >= this.#slots.length) this.#grow();
    this.#put(keyOf(id));
  }

  has(id: string): boolean {
    if (!UUID.test(id)) return this.#others.has(id);
    const key = keyOf(id);
    return this.#slots[this.#slotOf(key)] === key;
  }

  #put(key: number): void {
    const slot = this.#slotOf(key);
    if (this.#slots[slot] === key) return;
    this.#slots[slot] = key;
    this.#taken += 1;
  }

  /** Where the key is, or where it would go. */
  #slotOf(key: number): number {
    const mask = this.#slots.length - 1;
    let slot = key & mask;
    while (this.#slots[slot] !== 0 && this.#slots[slot] !== key) slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const before = this.#slots;
    this.#slots = new Float64Array(before.length * 2);
    this.#taken = 0;
    for (const key of before) if (key !== 0) this.#put(key);
  }
}

/** Never 0, which means an empty slot. */
function keyOf(uuid: string): number {
  return parseInt(uuid.slice(0, 8) + uuid.slice(9, 13) + uuid.slice(15, DIGITS + 3), 16) + 1;
}

/** Tells everybody who waits that the log may have grown. A ring between a look and a wait is not lost. */
export class Bell {
  #rings = 0;
  readonly #waiting = new Set<() => void>();

  /** Take this before looking at the log; wait for the ring after it if there was nothing to see. */
  get rings(): number {
    return this.#rings;
  }

  ring(): void {
    this.#rings += 1;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }

  /** Resolves at once when it rang since, or when the signal is aborted. */
  async ringAfter(rings: number, signal: AbortSignal): Promise<void> {
    if (this.#rings !== rings || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        signal.removeEventListener('abort', wake);
        this.#waiting.delete(wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake, { once: true });
    });
  }
}

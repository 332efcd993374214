/** A process, as long as it runs; nothing that belongs to one that is gone ever goes on. */
export interface Life {
  isAlive: boolean;
}

export interface Turn {
  readonly what: string;
  readonly life: Life;
  readonly isReady: () => boolean;
  readonly go: () => void;
}

const ALWAYS = (): boolean => true;

/** Whatever is about to change something waits here until it is chosen, so that every order of things is a list of choices. */
export class Turns {
  private waiting: Turn[] = [];

  /** Goes on when it is chosen. */
  at(what: string, life: Life, isReady = ALWAYS): Promise<void> {
    return new Promise((resolve) => {
      if (life.isAlive) this.waiting.push({ what, life, isReady, go: resolve });
    });
  }

  /** Who could go on now, in the order of waiting. */
  ready(): readonly Turn[] {
    return this.waiting.filter(({ isReady }) => isReady());
  }

  async take(turn: Turn): Promise<void> {
    this.waiting = this.waiting.filter((other) => other !== turn);
    turn.go();
    await this.settled();
  }

  /** The process is gone in the middle of whatever it did. */
  end(life: Life): void {
    life.isAlive = false;
    this.waiting = this.waiting.filter((turn) => turn.life !== life);
  }

  /** Until everybody waits: nothing here waits for anything but its turn, so one round of the event loop is enough. */
  settled(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }
}

/** What a process that is gone gets to hear. */
export function never(): Promise<never> {
  return new Promise(() => undefined);
}

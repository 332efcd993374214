import { Logger } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';

/** Something that has to be looked after from time to time. */
export interface Chore {
  readonly everyMs: number;
  look(): Promise<void>;
}

/** Looks after the host, each chore by itself: one that fails is tried again in its turn and keeps no other waiting. */
export class Upkeep {
  private readonly logger = new Logger('upkeep');
  private stopping = new AbortController();
  private loops: readonly Promise<void>[] = [];

  constructor(private readonly chores: readonly Chore[]) {}

  /** The first look at everything is at once; a second start changes nothing. */
  start(): void {
    if (this.loops.length > 0) return;
    this.stopping = new AbortController();
    this.loops = this.chores.map((chore) => this.run(chore));
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.loops);
    this.loops = [];
  }

  private async run(chore: Chore): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await chore.look().catch((error: unknown) => this.logger.error(error));
      await delay(chore.everyMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }
}

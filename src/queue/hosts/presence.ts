import { Logger } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { RunEvidence } from '../../domain/job/judge.js';
import type { Heartbeats } from '../../event-log/beside/heartbeats.js';
import type { Projector } from '../../projections/engine/projector.js';

export interface PresenceWorld {
  readonly heartbeats: Pick<Heartbeats, 'appear'>;
  readonly projector: Pick<Projector, 'lag' | 'waitFor'>;
  /** Of every run that is claimed for this host, what a look at it finds. */
  readonly looks: () => Promise<Readonly<Record<string, RunEvidence>>>;
}

export interface PresenceOptions {
  readonly name: string;
  readonly host: string;
  readonly slots: number;
  /** Silent for so long, a host is given nothing more. */
  readonly leaseMs: number;
  readonly monotonicMs?: () => number;
}

const SIGNS = 3;
const CATCH_UP_MS_MAX = 30_000;

/** Lets whoever leads know that this host is there, how many agents it takes, and how its runs are. */
export class Presence {
  private readonly logger = new Logger('hosts');
  private readonly stopping = new AbortController();
  private readonly session = randomUUID();
  private count = 0;
  private sureUntil = Number.NEGATIVE_INFINITY;
  private appearing: Promise<void> = Promise.resolve();

  constructor(
    private readonly world: PresenceWorld,
    private readonly options: PresenceOptions,
  ) {}

  start(): void {
    this.appearing = this.appearOn();
  }

  /** Gives no more jobs here; the agents that run are taken up at the next start. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.appearing;
    if (this.count > 0) await this.appear(0).catch(() => undefined);
  }

  /**
   * Before anything is done with a run. Whoever was not heard for a lease may have been given up: it hears first what has happened since.
   */
  async assertHeard(): Promise<void> {
    if (this.now() < this.sureUntil) return;
    const { projector } = this.world;
    await projector.waitFor((await projector.lag()).head, CATCH_UP_MS_MAX);
    await this.appear(this.options.slots);
  }

  private async appearOn(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await this.appear(this.options.slots).catch((error: unknown) => this.missed(error));
      await delay(this.options.leaseMs / SIGNS, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  private async appear(slots: number): Promise<void> {
    const startedAt = this.now();
    const { name, host, leaseMs } = this.options;
    const runs = await this.world.looks();
    this.count += 1;
    await this.world.heartbeats.appear({ name, host, slots, session: this.session, count: this.count, runs });
    this.sureUntil = startedAt + leaseMs;
  }

  private missed(error: unknown): void {
    if (!this.stopping.signal.aborted) this.logger.warn(`A sign of this host failed: ${(error as Error).message}`);
  }

  private now(): number {
    return (this.options.monotonicMs ?? (() => performance.now()))();
  }
}

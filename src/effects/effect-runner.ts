import { Logger } from '@nestjs/common';
import type { CommandBus } from '@nestjs/cqrs';
import { ExponentialBackoff, handleAll, retry } from 'cockatiel';
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../kernel/clock.js';
import { isEffectIntent } from '../kernel/pipeline/effect-intents.js';
import type { RecordedEvent } from '../kernel/event.js';
import type { EventLog } from '../event-log/event-log.js';
import type { Projector } from '../projections/engine/projector.js';
import type { Work } from '../projections/work.js';
import type { AnyEffect } from './effect.js';
import { Lanes } from './lanes.js';
import { outcomeOf } from './outcome-of.js';

const RETRY_MS_MIN = 300;
const RETRY_MS_MAX = 30_000;

export interface EffectWorld {
  readonly log: EventLog;
  readonly projector: Projector;
  readonly work: Work;
  readonly commands: CommandBus;
  /** Throws where nothing may be done to the world any more, or not yet. */
  readonly assertMayAct: () => Promise<void>;
  readonly clock: Clock;
}

/**
 * Does what intents ask for, as long as no outcome names them as its cause. There is no checkpoint to lose: what is open
 * stands in the read models, so a crash at any await only means that the effect is looked at again.
 */
export class EffectRunner {
  private readonly logger = new Logger('effects');
  private readonly stopping = new AbortController();
  private readonly byIntent: ReadonlyMap<string, AnyEffect>;
  private readonly resumed = new Set<string>();
  private readonly lanes = new Lanes();
  private following: Promise<void> = Promise.resolve();

  constructor(
    private readonly world: EffectWorld,
    effects: readonly AnyEffect[],
  ) {
    this.byIntent = new Map(effects.map((effect) => [effect.intent, effect]));
  }

  /** The projector has to have caught up. */
  async start(): Promise<void> {
    const { position } = this.world.projector;
    for (const open of await this.world.work.openEffects()) {
      const event = await this.world.log.readEvent(open.effect_id);
      if (!event) continue;
      this.resumed.add(event.id);
      this.take(event);
    }
    this.following = this.follow(position);
  }

  /** Leaves running agents alone; what is in the middle of something ends or is taken up at the next start. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.following;
    await this.lanes.settled(2_000);
  }

  private async follow(after: number): Promise<void> {
    const { signal } = this.stopping;
    for await (const page of this.world.log.follow({ after, types: [...this.byIntent.keys()], signal })) {
      for (const event of page.events) if (!this.resumed.has(event.id)) this.take(event);
    }
  }

  private take(event: RecordedEvent): void {
    const effect = this.byIntent.get(event.type);
    if (!effect || !isEffectIntent(event)) return;
    this.lanes.run(effect.lane(event), () => this.perform(effect, event));
  }

  private async perform(effect: AnyEffect, event: RecordedEvent): Promise<void> {
    const { signal } = this.stopping;
    const backoff = new ExponentialBackoff({ initialDelay: RETRY_MS_MIN, maxDelay: RETRY_MS_MAX });
    const policy = retry(handleAll, { maxAttempts: Number.MAX_SAFE_INTEGER, backoff });
    policy.onFailure(({ reason }) => {
      if (!signal.aborted && 'error' in reason)
        this.logger.warn(`${event.type} of ${event.stream}: ${reason.error.message}`);
    });
    const outcome = outcomeOf(event, this.world);
    await policy
      .execute(async () => {
        if (signal.aborted) return;
        await this.world.projector.waitFor(event.position, RETRY_MS_MAX);
        await this.world.assertMayAct();
        await effect.act(event, outcome, signal).catch((error: unknown) => this.afterPause(error));
      }, signal)
      .catch((error: unknown) => {
        if (!signal.aborted)
          this.logger.error(`${event.type} of ${event.stream} is given up until the next start`, error);
      });
  }

  /** A side that says when to come back is not asked before. */
  private async afterPause(error: unknown): Promise<never> {
    const { retryAfterMs } = error as { retryAfterMs?: number | null };
    if (typeof retryAfterMs === 'number') await delay(retryAfterMs, undefined, { signal: this.stopping.signal });
    throw error;
  }
}

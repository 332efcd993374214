import { Inject, Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { createHash, randomUUID } from 'node:crypto';
import { VERSION } from './config/version.js';
import { RecordSettings } from './domain/settings/commands.js';
import { EffectRunner } from './effects/effect-runner.js';
import { HOST_EFFECTS } from './effects/effects.module.js';
import { Reaper } from './effects/job/reaper.js';
import { ProductionWatcher } from './effects/post-deploy/watcher.js';
import { Reconciler } from './effects/reconcile/reconciler.js';
import { Upkeep } from './effects/upkeep/upkeep.js';
import { CLOCK, type Clock } from './kernel/clock.js';
import { POLICY, type Policy } from './kernel/pipeline/policy.js';
import { toIso } from './kernel/time.js';
import { Projector } from './projections/engine/projector.js';
import { Presence } from './queue/hosts/presence.js';
import { Leadership } from './queue/leadership/leadership.js';
import { Worker } from './queue/worker.js';
import { SagaRunner } from './sagas/saga-runner.js';

const CATCH_UP_MS_MAX = 24 * 3_600_000;

// Constructor types are read when a class is defined, so the parts come before the whole.

/** Looks for what went wrong while nobody watched; started last and stopped first (RP-37, LC-04). */
@Injectable()
export class Background {
  constructor(
    private readonly reconciler: Reconciler,
    private readonly reaper: Reaper,
    private readonly watcher: ProductionWatcher,
  ) {}

  /** What has to be put right before anything moves. */
  recover(): Promise<void> {
    return this.reaper.recover();
  }

  start(): void {
    this.reconciler.start();
    this.reaper.start();
    this.watcher.start();
  }

  async stop(): Promise<void> {
    await this.watcher.stop();
    await this.reaper.stop();
    await this.reconciler.stop();
  }
}

/** What every orchestrator does, whoever leads: it lets agents run for jobs that are given to its host, and looks after that host. */
@Injectable()
export class Hosting {
  constructor(
    private readonly presence: Presence,
    @Inject(HOST_EFFECTS) private readonly effects: EffectRunner,
    private readonly upkeep: Upkeep,
  ) {}

  /** The projector has to have caught up. */
  async start(): Promise<void> {
    this.presence.start();
    this.upkeep.start();
    await this.effects.start();
  }

  async stop(): Promise<void> {
    await this.presence.stop();
    await this.effects.stop();
    await this.upkeep.stop();
  }
}

@Injectable()
export class Movers {
  constructor(
    readonly sagas: SagaRunner,
    readonly effects: EffectRunner,
    readonly worker: Worker,
    readonly background: Background,
  ) {}
}

@Injectable()
export class Store {
  constructor(
    readonly projector: Projector,
    private readonly commands: CommandBus,
    @Inject(POLICY) private readonly policy: Policy,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** So that a replay knows which switches were on. */
  async recordSettings(): Promise<void> {
    const hash = createHash('sha256').update(JSON.stringify(this.policy)).digest('hex');
    const context = {
      commandId: randomUUID(),
      at: toIso(this.clock.now()),
      actor: 'system',
      correlationId: 'settings',
      causationId: null,
    };
    const settings = { values: this.policy, hash, version: VERSION };
    await this.commands.execute(new RecordSettings('settings', settings, context));
  }
}

/** Waits until it leads, starts the moving parts in the order in which each needs the one before, and stops them the other way round (LC-01, LC-03). */
@Injectable()
export class Runtime implements BeforeApplicationShutdown {
  private readonly logger = new Logger('runtime');
  private readonly stopping = new AbortController();
  private starting: Promise<void> = Promise.resolve();
  private hosted: Promise<void> = Promise.resolve();

  constructor(
    private readonly store: Store,
    private readonly movers: Movers,
    private readonly hosting: Hosting,
    private readonly leadership: Leadership,
  ) {}

  /** Resolves when everything moves, or when a shutdown came first. */
  start(): Promise<void> {
    this.hosted = this.host();
    this.starting = this.inOrder();
    return this.starting;
  }

  /** Agents are left running; the next start takes them up again (LC-06). */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    this.leadership.cease();
    await this.starting.catch(() => undefined);
    await this.hosted.catch(() => undefined);
    const { background, worker, sagas, effects } = this.movers;
    await background.stop();
    await worker.stop();
    await sagas.stop();
    await effects.stop();
    await this.hosting.stop();
    await this.leadership.stop();
  }

  /** Without waiting for the lead. */
  private async host(): Promise<void> {
    await this.caughtUp();
    if (!this.stopping.signal.aborted) await this.hosting.start();
  }

  private async inOrder(): Promise<void> {
    const { sagas, effects, worker, background } = this.movers;
    let handled = 0;
    this.leadership.report(() => sagas.handled);
    const steps: readonly (() => Promise<void> | void)[] = [
      async () => void (handled = await this.leadership.take()),
      () => this.store.recordSettings(),
      () => this.caughtUp(),
      () => sagas.skipTo(handled),
      () => sagas.start(),
      () => background.recover(),
      () => effects.start(),
      () => this.hosted,
      () => worker.start(),
      () => background.start(),
    ];
    for (const step of steps) {
      if (this.stopping.signal.aborted) return;
      await step();
    }
    this.logger.log(`running from position ${this.store.projector.position}`);
  }

  private async caughtUp(): Promise<void> {
    const { head } = await this.store.projector.lag();
    const stopped = new Promise((resolve) => this.stopping.signal.addEventListener('abort', resolve, { once: true }));
    await Promise.race([this.store.projector.waitFor(head, CATCH_UP_MS_MAX), stopped]);
  }
}

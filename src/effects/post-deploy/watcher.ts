import { Logger } from '@nestjs/common';
import type { CommandBus } from '@nestjs/cqrs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../../config/config.js';
import { CloseWatch, ReportProbe } from '../../domain/post-deploy/commands.js';
import { checkDueAt } from '../../domain/post-deploy/schedule.js';
import type { Clock } from '../../kernel/clock.js';
import type { CommandContext } from '../../kernel/command.js';
import { deriveId } from '../../kernel/ids.js';
import type { Policy } from '../../kernel/pipeline/policy.js';
import { toIso } from '../../kernel/time.js';
import type { WatchRow } from '../../projections/post-deploy/watches.js';
import type { Work } from '../../projections/work.js';
import { probe, type Probed } from './http-probe.js';

export interface WatcherWorld {
  readonly commands: CommandBus;
  readonly clock: Clock;
  readonly config: Pick<Config, 'projects'>;
  readonly policy: Policy;
  readonly work: Work;
}

const LOOK_MS_MIN = 20;
const LOOK_MS_MAX = 1_000;

/**
 * Asks production at the times that were fixed when the watch was armed (PD-03, PD-14). What is under way stands in the read models,
 * so that a restart loses nothing but the checks whose time has passed; those are counted as missed and not made up.
 */
export class ProductionWatcher {
  private readonly logger = new Logger('post-deploy');
  private readonly stopping = new AbortController();
  /** The check that is being made, or was made last, of every watch. */
  private readonly begun = new Map<number, number>();
  private readonly underWay = new Set<Promise<void>>();
  private loop: Promise<void> = Promise.resolve();

  constructor(private readonly world: WatcherWorld) {}

  start(): void {
    this.loop = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.loop;
    await Promise.all(this.underWay);
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const pauseMs = await this.look().catch((error: unknown) => this.failed(error));
      await delay(pauseMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  /** Begins every check whose time has come, and says when to look again. One that hangs holds up no other. */
  async look(): Promise<number> {
    const watches = await this.world.work.runningWatches();
    this.forgetAllBut(watches);
    for (const watch of watches) this.begin(watch);
    const intervals = [this.world.policy.postDeploy.intervalS * 1000, ...watches.map((watch) => watch.interval_ms)];
    return Math.min(LOOK_MS_MAX, Math.max(LOOK_MS_MIN, Math.min(...intervals) / 4));
  }

  /** What was begun has been answered and recorded. */
  async settled(): Promise<void> {
    await Promise.all(this.underWay);
  }

  private begin(watch: WatchRow): void {
    const due = checkDueAt(scheduleOf(watch), this.world.clock.now());
    const check = due === 'over' ? Infinity : due;
    if (check <= Math.max(watch.last_check, this.begun.get(watch.id) ?? 0) || !this.mayAsk(due)) return;
    this.begun.set(watch.id, check);
    const work = (due === 'over' ? this.close(watch) : this.check(watch, due)).catch((error: unknown) => {
      this.begun.delete(watch.id);
      this.failed(error);
    });
    this.underWay.add(work);
    void work.finally(() => this.underWay.delete(work));
  }

  /** Switched off, nobody is asked any more; what is under way ends with its window. */
  private mayAsk(due: number | 'over'): boolean {
    return due === 'over' || this.world.policy.postDeploy.enabled;
  }

  private async check(watch: WatchRow, check: number): Promise<void> {
    const { answer, detail } = await this.ask(watch.repo);
    const report = { repo: watch.repo, watchId: watch.id, check, answer, detail };
    const context = this.contextOf(watch, `check ${check}`);
    await this.world.commands.execute(new ReportProbe(`post-deploy-${watch.repo}`, report, context));
  }

  private async close(watch: WatchRow): Promise<void> {
    const { repo, id: watchId } = watch;
    const context = this.contextOf(watch, 'over');
    await this.world.commands.execute(new CloseWatch(`post-deploy-${repo}`, { repo, watchId }, context));
  }

  private async ask(repo: string): Promise<Probed> {
    const url = this.world.config.projects.find((project) => project.repo === repo)?.production.healthUrl;
    return url
      ? probe(url, { stopping: this.stopping.signal })
      : { answer: 'unmeasured', detail: 'no health address is configured any more' };
  }

  /** A check counts once, however often it is reported. */
  private contextOf(watch: WatchRow, what: string): CommandContext {
    return {
      commandId: deriveId('post-deploy', watch.id, what),
      at: toIso(this.world.clock.now()),
      actor: 'policy:post-deploy-monitor',
      correlationId: `post-deploy-${watch.repo}`,
      causationId: watch.armed_by,
    };
  }

  private forgetAllBut(watches: readonly WatchRow[]): void {
    const running = new Set(watches.map((watch) => watch.id));
    for (const id of this.begun.keys()) if (!running.has(id)) this.begun.delete(id);
  }

  private failed(error: unknown): number {
    if (!this.stopping.signal.aborted) this.logger.warn((error as Error).message);
    return LOOK_MS_MAX;
  }
}

function scheduleOf({ started_at, until, interval_ms, checks, threshold }: WatchRow) {
  return { startedAt: started_at, until, intervalMs: interval_ms, checks, threshold };
}

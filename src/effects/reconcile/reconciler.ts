import { Logger } from '@nestjs/common';
import type { CommandBus } from '@nestjs/cqrs';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { RequestGateCheck } from '../../domain/task/commands.js';
import { RECONCILER } from '../../domain/task/judge.js';
import type { Tracker } from '../../integrations/tracker.js';
import type { BackgroundStats } from '../../kernel/background-stats.js';
import type { Clock } from '../../kernel/clock.js';
import type { CommandContext } from '../../kernel/command.js';
import type { Policy, ProjectPolicy } from '../../kernel/pipeline/policy.js';
import { fromIso, toIso } from '../../kernel/time.js';
import type { Work } from '../../projections/work.js';
import type { Outcome } from '../effect.js';
import { HISTORY_LAG_MS, type Observation } from '../inbox/observation.js';
import type { Relations } from '../inbox/relations.js';
import type { StuckTasks } from './stuck-tasks.js';

export interface ReconcilerWorld {
  readonly commands: CommandBus;
  readonly clock: Clock;
  readonly tracker: Tracker;
  readonly work: Work;
  readonly observation: Observation;
  readonly relations: Relations;
  readonly stuck: StuckTasks;
  readonly policy: Policy;
  readonly stats: BackgroundStats;
}

const RELATIONS_PER_PASS = 10;

/** Repairs what lost webhooks left behind: looks at the same sources and goes through the same commands (RC-01). */
export class Reconciler {
  private readonly logger = new Logger('reconciler');
  private readonly stopping = new AbortController();
  private readonly seenUntil = new Map<string, string>();
  private relationsUntil = 0;
  private loop: Promise<void> | null = null;

  constructor(private readonly world: ReconcilerWorld) {}

  /** The loop turns with everything switched off too, and only idles then; a second start changes nothing (RC-20, RC-22). */
  start(): void {
    this.loop ??= this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.loop;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await this.tick();
      const pauseMs = this.world.policy.reconcile.intervalS * 1000;
      await delay(pauseMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  /** One bad project or task never stops the pass (INV-04). */
  async tick(): Promise<void> {
    this.world.stats.reconcile.lastRunAt = toIso(this.world.clock.now());
    const { enabled, planeEnabled } = this.world.policy.reconcile;
    if (!enabled) return;
    if (planeEnabled) {
      for (const project of this.world.policy.projects)
        await this.isolated(project.repo, () => this.readTracker(project));
      await this.isolated('relations', () => this.readRelations());
    }
    await this.isolated('tasks', () => this.unblockTasks());
  }

  /** F-2: items that changed since the last look; an entry that a webhook told of already changes nothing. */
  private async readTracker(project: ProjectPolicy): Promise<void> {
    const { planeProjectId } = project;
    const items = await this.world.tracker.changedSince(planeProjectId, this.seenUntil.get(planeProjectId) ?? null);
    for (const item of [...items].reverse()) await this.world.observation.observeListed(project, item, this.outcome());
    const newest = items[0]?.updatedAt;
    // What an item's late history left undecided is looked at again, although others have changed since.
    if (newest) this.seenUntil.set(planeProjectId, toIso(fromIso(newest) - HISTORY_LAG_MS));
  }

  /** Relations send no webhook. Of the tasks that wait to be let in a few are looked at in every pass, in turn: calls are counted. */
  private async readRelations(): Promise<void> {
    const waiting = (await this.world.work.unfinishedTasks()).filter((task) => task.admitted_at === null);
    const behind = waiting.filter((task) => task.id > this.relationsUntil);
    const turn = [...behind, ...waiting.filter((task) => task.id <= this.relationsUntil)].slice(0, RELATIONS_PER_PASS);
    for (const task of turn) {
      this.relationsUntil = task.id;
      await this.isolated(task.work_item_id, () => this.world.relations.sync(task, this.outcome()));
    }
  }

  /** F-1: only what is green is pushed on; red is silence, and the pipeline's own gate check decides (RC-04, RC-10, RC-11). */
  private async unblockTasks(): Promise<void> {
    for (const task of await this.world.work.unfinishedTasks()) {
      await this.isolated(task.work_item_id, async () => {
        if (!(await this.world.stuck.isStuck(task))) return;
        const request = { trigger: RECONCILER, head: task.head };
        await this.outcome().report(RequestGateCheck, `task-${task.id}`, request, { correlationId: task.work_item_id });
      });
    }
  }

  private async isolated(unit: string, work: () => Promise<void>): Promise<void> {
    if (this.stopping.signal.aborted) return;
    await work().catch((error: unknown) => this.logger.warn(`${unit}: ${(error as Error).message}`));
  }

  private outcome(): Outcome {
    return {
      report: async (type, stream, payload, { key: _key, ...given } = {}) => {
        const context: CommandContext = {
          commandId: randomUUID(),
          at: toIso(this.world.clock.now()),
          actor: 'policy:reconciler',
          correlationId: stream,
          causationId: null,
          ...given,
        };
        await this.world.commands.execute(new type(stream, payload, context));
      },
    };
  }
}

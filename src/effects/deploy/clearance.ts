import { ReportProductionHeld } from '../../domain/task/commands.js';
import type { EventLog } from '../../event-log/event-log.js';
import type { StreamPin } from '../../kernel/command.js';
import type { Position } from '../../kernel/event.js';
import type { Policy } from '../../kernel/pipeline/policy.js';
import type { Projector } from '../../projections/engine/projector.js';
import type { Work } from '../../projections/work.js';
import type { Outcome } from '../effect.js';

export interface ClearanceWorld {
  readonly log: Pick<EventLog, 'readStream' | 'follow' | 'head'>;
  readonly projector: Pick<Projector, 'waitFor'>;
  readonly work: Work;
  readonly policy: Policy;
}

export interface WayToProduction {
  readonly taskId: number;
  readonly repo: string;
  readonly visit: number;
}

export type Clearance =
  /** What was looked at is pinned: a step that relies on it is refused when any of it has moved. */
  | { readonly kind: 'free'; readonly pins: readonly StreamPin[] }
  | { readonly kind: 'held'; readonly reason: string }
  /** The task has gone on, or has ended: nobody wants it any more. */
  | { readonly kind: 'unwanted'; readonly reason: string };

const READ_WITHIN_MS = 30_000;
/** What can make a way free, or the wish for it void. */
const NEWS = [
  'FreezeLifted',
  'TaskResumed',
  'TaskCancelled',
  'TaskSentBack',
  'TaskAdvanced',
  'DeployFinished',
  'DeployStartFailed',
] as const;

/** Whether production may be touched for a task now: never of a frozen repository, never for a paused or cancelled task. */
export class Clearances {
  constructor(private readonly world: ClearanceWorld) {}

  async look(way: WayToProduction): Promise<Clearance> {
    const pins = await this.pinned([`admission-${way.repo}`, `task-${way.taskId}`]);
    const unwanted = await this.unwanted(way);
    if (unwanted !== null) return { kind: 'unwanted', reason: unwanted };
    const reason = await this.objection(way);
    return reason === null ? { kind: 'free', pins } : { kind: 'held', reason };
  }

  /** Until the way is free or nobody wants it any more; why it waits is told once per reason. Null when `signal` comes first. */
  async awaited(
    way: WayToProduction,
    outcome: Outcome,
    signal: AbortSignal,
  ): Promise<Exclude<Clearance, { kind: 'held' }> | null> {
    while (!signal.aborted) {
      const since = await this.world.log.head();
      const clearance = await this.look(way);
      if (clearance.kind !== 'held') return clearance;
      await this.hold(way, clearance.reason, outcome);
      await this.news(since, signal);
    }
    return null;
  }

  hold({ taskId, visit }: WayToProduction, reason: string, outcome: Outcome): Promise<void> {
    return outcome.report(ReportProductionHeld, `task-${taskId}`, { visit, reason }, { key: reason });
  }

  /** Until something has happened that may have changed the answer, and that was not known at `since`. */
  async news(since: Position, signal: AbortSignal): Promise<void> {
    for await (const page of this.world.log.follow({ after: since, types: NEWS, signal })) {
      if (page.events.length > 0) return;
    }
  }

  position(): Promise<Position> {
    return this.world.log.head();
  }

  /** The read models are at least as new as what is pinned; where they are newer, the pin fails and the look is repeated. */
  private async pinned(streams: readonly string[]): Promise<readonly StreamPin[]> {
    const newest = await Promise.all(
      streams.map((stream) => this.world.log.readStream(stream, { direction: 'backwards', limit: 1 })),
    );
    const events = newest.flat();
    await this.world.projector.waitFor(await this.world.log.head(), READ_WITHIN_MS);
    return events.map(({ stream, revision }) => ({ stream, expected: revision }));
  }

  private async unwanted({ taskId, visit }: WayToProduction): Promise<string | null> {
    const task = await this.world.work.task(taskId);
    if (task?.stage === 'deploy' && task.visit === visit) return null;
    return `the task is ${task === null ? 'unknown' : `in ${task.stage}`} by now`;
  }

  private async objection({ taskId, repo }: WayToProduction): Promise<string | null> {
    const { freezeEnabled, pauseEnabled } = this.world.policy.serialGate;
    const [freeze] = freezeEnabled ? await this.world.work.freezesOf(repo) : [];
    if (freeze) return `${repo} is frozen: ${freeze.reason}`;
    const task = pauseEnabled ? await this.world.work.task(taskId) : null;
    return task?.paused_at ? `the task is paused since ${task.paused_at}` : null;
  }
}

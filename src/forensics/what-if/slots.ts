import type { Recorded, RecordedEvent } from '../../kernel/event.js';
import type { JobClaimed } from '../../domain/job/events.js';
import type { Policy } from '../../kernel/pipeline/policy.js';
import { Board } from '../../queue/board.js';
import { StartLimits } from '../../queue/start-limits.js';

/** Who may start, and how many: the board and the limits of the worker, without anything that starts. */
export class Slots {
  readonly board: Board;
  private readonly limits: StartLimits;
  private readonly paused = new Set<number>();

  constructor(private policy: Policy) {
    this.limits = new StartLimits({
      budget: { taskUsd: policy.budget.taskUsd, dayUsd: policy.budget.dayUsd },
      jobs: { breakerProbeS: policy.jobs.breakerProbeS },
    });
    this.board = new Board(true, (workItem) => this.limits.isSpent(workItem));
  }

  /** The settings have changed; a pause that was recorded counts from now on, or no more. */
  use(policy: Policy): void {
    const pauseHeld = this.policy.serialGate.pauseEnabled;
    this.policy = policy;
    if (pauseHeld === policy.serialGate.pauseEnabled) return;
    for (const taskId of this.paused) {
      if (pauseHeld) this.board.resume(taskId);
      else this.board.pause(taskId);
    }
  }

  hear(event: RecordedEvent, nowMs: number): void {
    this.limits.apply(event as Parameters<StartLimits['apply']>[0], nowMs);
    if (event.type === 'TaskPaused' || event.type === 'TaskResumed') return this.hearPause(event);
    this.board.apply(event as Parameters<Board['apply']>[0]);
    if (event.type === 'JobClaimed') this.limits.started((event as Recorded<JobClaimed>).data.jobId);
  }

  get hasRoom(): boolean {
    return this.board.running < this.policy.maxConcurrency;
  }

  /** The job that would start next, if one may start at all. */
  next(nowMs: number): number | null {
    return this.hasRoom && this.limits.allows(nowMs) ? this.board.next(nowMs) : null;
  }

  take(nowMs: number): void {
    const job = this.board.take(nowMs);
    if (job) this.limits.started(job.id);
  }

  /** When time alone may let somebody in; null when it cannot. */
  nextAt(nowMs: number): number | null {
    const times = [this.board.nextDueAt, this.limits.nextAt(nowMs)].filter((time) => time !== null && time > nowMs);
    return times.length === 0 ? null : Math.min(...(times as number[]));
  }

  whyNot(jobId: number, nowMs: number): string {
    if (!this.hasRoom) return `no slot is free: ${this.policy.maxConcurrency} may run at once`;
    if (!this.limits.allows(nowMs)) return 'no agent may start: the budget of the day is spent, or agents are parked';
    return this.board.job(jobId) ? 'it is held: by admission, a pause, its budget or its back-off' : 'it is not queued';
  }

  private hearPause(event: RecordedEvent): void {
    const { taskId } = event.data as { readonly taskId: number };
    if (event.type === 'TaskPaused') this.paused.add(taskId);
    else this.paused.delete(taskId);
    if (this.policy.serialGate.pauseEnabled) this.board.apply(event as Parameters<Board['apply']>[0]);
  }
}

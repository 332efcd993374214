import type { JobClaimed } from '../../domain/job/events.js';
import type { RecordedEvent } from '../../kernel/event.js';
import { fromIso } from '../../kernel/time.js';
import type { BoardJob } from '../../queue/board.js';
import type { Attempt, RunLengths } from './run-lengths.js';
import type { Slots } from './slots.js';

/** A job that starts at another time than it did. */
export interface ClaimChange {
  readonly job: BoardJob;
  /** `prevented`: not when it was recorded; `never-recorded`: the log has no such start at all. */
  readonly kind: 'earlier' | 'later' | 'prevented' | 'never-recorded';
  readonly atMs: number;
  readonly recordedMs: number | null;
  readonly why: string;
}

const FREE = 'a slot is free and nothing holds it';
const ENDS = ['JobSucceeded', 'JobFailed', 'JobCancelled'];

/**
 * Two lines of jobs side by side: as recorded, and as it would have been. Only where one may start a job and the other may not is a
 * start computed; where both may, the recorded worker took its time, and so does this one. A run takes as long as it took.
 */
export class Claims {
  private readonly ends: { readonly atMs: number; readonly jobId: number }[] = [];
  /** Started already, when the record starts them later. */
  private readonly early = new Set<number>();
  /** The record has started them, and they still wait; when that was. */
  private readonly late = new Map<number, number>();
  private nowMs = 0;

  constructor(
    readonly recorded: Slots,
    readonly counterfactual: Slots,
    private readonly runs: RunLengths,
    private readonly tell: (change: ClaimChange) => void,
  ) {}

  /** What lies before this moment is as it was. */
  beginAt(nowMs: number): void {
    this.nowMs = nowMs;
  }

  /** Time goes on: assumed runs end, back-offs are over. */
  passUntil(nowMs: number): void {
    for (let next = this.nextTime(); next !== null && next <= nowMs; next = this.nextTime()) {
      this.nowMs = next;
      while ((this.ends[0]?.atMs ?? Infinity) <= next) this.counterfactual.board.drop(this.ends.shift()?.jobId ?? -1);
      this.look();
    }
    this.nowMs = Math.max(this.nowMs, nowMs);
  }

  hearRecorded(event: RecordedEvent): void {
    this.recorded.hear(event, fromIso(event.recordedAt));
  }

  hear(event: RecordedEvent): void {
    const { jobId } = event.data as { readonly jobId?: number };
    if (jobId !== undefined && this.isOutOfStep(jobId, event.type)) return;
    this.counterfactual.hear(event, this.nowMs);
  }

  /** The record starts a job; told before anybody hears of it. */
  claimed(event: RecordedEvent<JobClaimed>): void {
    const { jobId } = event.data;
    const { recorded, counterfactual, nowMs } = this;
    if (this.early.has(jobId)) return;
    const job = counterfactual.board.job(jobId);
    const isSame = counterfactual.next(nowMs) === jobId;
    // What the record itself does out of line is taken as it is.
    if (!job || isSame || recorded.next(nowMs) !== jobId) return counterfactual.hear(event, nowMs);
    this.late.set(jobId, nowMs);
    const why = counterfactual.whyNot(jobId, nowMs);
    this.tell({ job, kind: 'prevented', atMs: nowMs, recordedMs: nowMs, why });
  }

  /** Starts what may start now, and may not in the record. */
  look(): void {
    const { counterfactual, recorded, nowMs } = this;
    for (let id = counterfactual.next(nowMs); id !== null; id = counterfactual.next(nowMs)) {
      if (recorded.next(nowMs) === id) return;
      const job = counterfactual.board.job(id);
      counterfactual.take(nowMs);
      if (job) this.start(job);
    }
  }

  private start(job: BoardJob): void {
    const lateSince = this.late.get(job.id);
    const isLate = lateSince !== undefined;
    const attempt = isLate ? this.runs.attemptAt(job.id, lateSince) : this.runs.attemptFrom(job.id, this.nowMs);
    this.late.delete(job.id);
    if (attempt && !isLate) this.early.add(job.id);
    this.occupy(job, attempt ? lengthOf(attempt) : this.runs.usualMs(job.agent));
    this.tell({
      job,
      kind: kindOf(attempt, isLate),
      atMs: this.nowMs,
      recordedMs: attempt?.claimedMs ?? null,
      why: FREE,
    });
  }

  /** A run of unknown length keeps its slot. */
  private occupy({ id }: BoardJob, lengthMs: number | null): void {
    if (lengthMs !== null) this.endsAt(this.nowMs + lengthMs, id);
  }

  private endsAt(atMs: number, jobId: number): void {
    this.ends.push({ atMs, jobId });
    this.ends.sort((one, other) => one.atMs - other.atMs);
  }

  /** Of a job whose attempt runs at another time than the recorded one, only the recorded end counts, and it is over already. */
  private isOutOfStep(jobId: number, type: string): boolean {
    if (this.late.has(jobId)) return type !== 'JobCancelled';
    if (!this.early.has(jobId)) return false;
    if (ENDS.includes(type) || type === 'JobRequeued') {
      this.early.delete(jobId);
      return false;
    }
    return type === 'JobClaimed' || type === 'JobQueued';
  }

  private nextTime(): number | null {
    const times = [this.ends[0]?.atMs ?? null, this.counterfactual.nextAt(this.nowMs)].filter((time) => time !== null);
    return times.length === 0 ? null : Math.max(this.nowMs, Math.min(...times));
  }
}

function kindOf(attempt: Attempt | null, isLate: boolean): ClaimChange['kind'] {
  if (!attempt) return 'never-recorded';
  return isLate ? 'later' : 'earlier';
}

function lengthOf({ claimedMs, endedMs }: Attempt): number | null {
  return endedMs === null ? null : endedMs - claimedMs;
}

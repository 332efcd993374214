import TinyQueue from 'tinyqueue';
import type { AdmissionEvent } from '../domain/admission/events.js';
import type { JobClaimed, JobEvent, JobRef } from '../domain/job/events.js';
import type { Recorded } from '../kernel/event.js';
import { fromIso } from '../kernel/time.js';

export interface BoardJob {
  readonly id: number;
  readonly agent: string;
  readonly taskId: number | null;
  readonly workItem: string | null;
  readonly repo: string;
  /** `publishing`: its run has ended, and it needs no slot any more. */
  readonly status: 'queued' | 'running' | 'publishing';
  /** The host that it runs on. */
  readonly worker?: string | null;
  /** Milliseconds; 0 = at once. */
  readonly availableAt: number;
  /** Position of the event that made it so, if it is known: an older one, heard late, changes nothing. */
  readonly asOf?: number;
}

const NEVER = Number.POSITIVE_INFINITY;

type Heard = Recorded<JobEvent> | Recorded<AdmissionEvent>;

export const BOARD_EVENTS = [
  'JobQueued',
  'JobClaimed',
  'RunEnded',
  'JobRequeued',
  'JobSucceeded',
  'JobFailed',
  'JobCancelled',
  'JobReleased',
  'JobHeld',
  'AdmissionClosed',
  'TaskPaused',
  'TaskResumed',
] as const;

/**
 * Which jobs may start, kept up event by event and never searched: a claim costs the same with ten held jobs and with a hundred thousand.
 * It only nominates; `job-<n>` decides.
 */
export class Board {
  private readonly jobs = new Map<number, BoardJob>();
  private readonly ready = new TinyQueue<number>();
  private readonly delayed = new TinyQueue<BoardJob>([], (a, b) => a.availableAt - b.availableAt);
  /** Analyst jobs that admission has let in. */
  private readonly released = new Set<number>();
  private readonly paused = new Set<number>();
  /** Jobs that are due and held by admission, pause or budget, by task, so that a release looks at its own only. */
  private readonly held = new Map<number, Set<number>>();
  private runningCount = 0;
  private readonly runningByHost = new Map<string, number>();

  /** With the pause layer off a paused task's jobs go on (KS-13). */
  constructor(
    private readonly pauseHolds = true,
    /** Whether nothing more is spent on a work item. */
    private readonly isSpent: (workItem: string | null) => boolean = () => false,
  ) {}

  get running(): number {
    return this.runningCount;
  }

  runningOn(host: string): number {
    return this.runningByHost.get(host) ?? 0;
  }

  /** Milliseconds at which the next back-off ends; null when nothing is delayed. */
  get nextDueAt(): number | null {
    return this.delayed.peek()?.availableAt ?? null;
  }

  job(id: number): BoardJob | undefined {
    return this.jobs.get(id);
  }

  put(job: BoardJob): void {
    this.drop(job.id);
    this.jobs.set(job.id, job);
    if (job.status === 'publishing') return;
    if (job.status === 'running') this.countRunning(job, 1);
    else if (job.availableAt > 0) this.delayed.push(job);
    else this.line(job);
  }

  drop(id: number): void {
    const job = this.jobs.get(id);
    if (!job) return;
    if (job.status === 'running') this.countRunning(job, -1);
    this.unhold(job);
    this.jobs.delete(id);
  }

  /** The next one, counted as running from now on, so that several can be claimed at once. */
  take(nowMs: number, worker: string | null = null): BoardJob | null {
    const id = this.next(nowMs);
    const job = id === null ? undefined : this.jobs.get(id);
    if (!job) return null;
    this.ready.pop();
    this.put({ ...job, status: 'running', worker });
    return job;
  }

  /** It could not be claimed, and nothing is wrong with it. */
  putBack(taken: BoardJob): void {
    if (this.isTaken(taken)) this.put(taken);
  }

  /** Somebody was first; it waits, out of the line, for the event that says so. */
  setAside(taken: BoardJob): void {
    if (!this.isTaken(taken)) return;
    this.drop(taken.id);
    this.jobs.set(taken.id, { ...taken, availableAt: NEVER });
  }

  release(id: number): void {
    this.released.add(id);
    this.lineAgain(id);
  }

  hold(id: number): void {
    this.released.delete(id);
  }

  pause(taskId: number): void {
    this.paused.add(taskId);
  }

  resume(taskId: number): void {
    this.paused.delete(taskId);
    for (const id of [...(this.held.get(taskId) ?? [])]) this.lineAgain(id);
  }

  /** The eligible job with the smallest id (QU-16), or null. */
  next(nowMs: number): number | null {
    this.takeDue(nowMs);
    for (let id = this.ready.peek(); id !== undefined; id = this.ready.peek()) {
      const job = this.jobs.get(id);
      const isDue = job?.status === 'queued' && job.availableAt <= nowMs;
      if (isDue && !this.isHeld(job)) return id;
      this.ready.pop();
      if (isDue) this.line(job);
    }
    return null;
  }

  apply(event: Heard): void {
    if ('jobId' in event.data && event.position <= (this.jobs.get(event.data.jobId)?.asOf ?? -1)) return;
    switch (event.type) {
      case 'JobQueued':
        return this.queue(event.data, 0, event.position);
      case 'JobRequeued':
        return this.queue(event.data, dueMs(event.data.availableAt), event.position);
      case 'JobClaimed':
        return this.claim(event.data, event.position);
      case 'RunEnded':
        return event.data.failure ? undefined : this.publish(event.data.jobId);
      case 'JobSucceeded':
      case 'JobFailed':
      case 'JobCancelled':
        return this.end(event.data.jobId);
      default:
        return this.applyAdmission(event);
    }
  }

  private applyAdmission(event: Heard): void {
    switch (event.type) {
      case 'JobReleased':
        return this.release(event.data.jobId);
      case 'JobHeld':
      case 'AdmissionClosed':
        return this.hold(event.data.jobId);
      case 'TaskPaused':
        return this.pause(event.data.taskId);
      case 'TaskResumed':
        return this.resume(event.data.taskId);
      default:
        return;
    }
  }

  /** What admission said of an earlier attempt does not count for this one. */
  private queue({ jobId: id, agent, taskId, workItem, repo }: JobRef, availableAt: number, asOf: number): void {
    this.released.delete(id);
    this.put({ id, agent, taskId, workItem, repo, status: 'queued', availableAt, asOf });
  }

  private claim({ jobId: id, worker }: JobClaimed['data'], asOf: number): void {
    const job = this.jobs.get(id);
    if (!job) return;
    this.released.delete(id);
    this.put({ ...job, status: 'running', worker, asOf });
  }

  private publish(id: number): void {
    const job = this.jobs.get(id);
    if (job?.status === 'running') this.put({ ...job, status: 'publishing' });
  }

  private end(id: number): void {
    this.released.delete(id);
    this.drop(id);
  }

  private countRunning({ worker }: BoardJob, change: 1 | -1): void {
    this.runningCount += change;
    if (worker) this.runningByHost.set(worker, this.runningOn(worker) + change);
  }

  private line(job: BoardJob): void {
    if (job.taskId === null || !this.isHeld(job)) return void this.ready.push(job.id);
    const held = this.held.get(job.taskId) ?? new Set();
    this.held.set(job.taskId, held.add(job.id));
  }

  private lineAgain(id: number): void {
    const job = this.jobs.get(id);
    if (job && this.unhold(job)) this.line(job);
  }

  private unhold({ id, taskId }: BoardJob): boolean {
    const held = taskId === null ? undefined : this.held.get(taskId);
    const was = held?.delete(id) ?? false;
    if (held?.size === 0 && taskId !== null) this.held.delete(taskId);
    return was;
  }

  private isTaken({ id, asOf }: BoardJob): boolean {
    const job = this.jobs.get(id);
    return job?.status === 'running' && job.asOf === asOf;
  }

  /** Only analyst jobs are gated (SG-02); a pause or a spent budget holds every job of its task (AMB-21). */
  private isHeld(job: BoardJob): boolean {
    if (job.taskId === null) return false;
    if ((this.pauseHolds && this.paused.has(job.taskId)) || this.isSpent(job.workItem)) return true;
    return job.agent === 'analyst' && !this.released.has(job.id);
  }

  private takeDue(nowMs: number): void {
    for (let job = this.delayed.peek(); job && job.availableAt <= nowMs; job = this.delayed.peek()) {
      this.delayed.pop();
      if (this.jobs.get(job.id) === job) this.line(job);
    }
  }
}

function dueMs(availableAt: string | null): number {
  return availableAt === null ? 0 : fromIso(availableAt);
}

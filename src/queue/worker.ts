import { Logger } from '@nestjs/common';
import type { CommandBus } from '@nestjs/cqrs';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { ClaimJob } from '../domain/job/commands.js';
import type { JobEvent } from '../domain/job/events.js';
import type { EventLog } from '../event-log/event-log.js';
import type { Answer } from '../kernel/answer.js';
import type { Clock } from '../kernel/clock.js';
import type { Recorded, RecordedEvent } from '../kernel/event.js';
import { isRefused } from '../kernel/refused.js';
import { fromIso, toIso } from '../kernel/time.js';
import { probeAmong } from '../projections/breaker/resilience.js';
import type { Projector } from '../projections/engine/projector.js';
import type { JobRow } from '../projections/job/jobs.js';
import type { Work } from '../projections/work.js';
import { admissionDecider } from '../domain/admission/decide.js';
import type { Policy } from '../kernel/pipeline/policy.js';
import { Board, BOARD_EVENTS, type BoardJob } from './board.js';
import { hostWithRoom, type Host } from './hosts/host-with-room.js';
import type { Hosts } from './hosts/hosts.js';
import { LIMIT_EVENTS, StartLimits } from './start-limits.js';

export interface WorkerWorld {
  readonly log: EventLog;
  readonly projector: Projector;
  readonly work: Work;
  readonly commands: CommandBus;
  readonly clock: Clock;
}

export interface WorkerOptions {
  readonly pollIntervalS: number;
  readonly policy: Policy;
  /** Where agents may run now. */
  readonly hosts: Pick<Hosts, 'reachable' | 'start' | 'stop'>;
}

/** A job that is on its way to a host. */
interface Taken {
  readonly job: BoardJob;
  readonly worker: string;
}

const ALARM_MS_MAX = 3_600_000;

/** Every event of admission, whether the board minds it or not: a claim is pinned to the newest one heard. */
const HEARD = [...new Set([...BOARD_EVENTS, ...LIMIT_EVENTS, ...Object.keys(admissionDecider.events)])];

/** Claims jobs in order while there is room. Woken by events; the poll is only a safety net. */
export class Worker {
  private readonly logger = new Logger('worker');
  private readonly board: Board;
  private readonly limits: StartLimits;
  /** How far each repository's admission has been heard of, by stream. */
  private readonly admissions = new Map<string, number>();
  private readonly stopping = new AbortController();
  private loops: readonly Promise<void>[] = [];
  private claiming: Promise<void> = Promise.resolve();
  private pending = false;
  private alarm: NodeJS.Timeout | undefined;
  /** The rows are older or newer than the place from which the log is followed; only at its end is the board right. */
  private boardIsRight = false;

  constructor(
    private readonly world: WorkerWorld,
    private readonly options: WorkerOptions,
  ) {
    const { policy } = options;
    this.limits = new StartLimits(policy);
    this.board = new Board(policy.serialGate.pauseEnabled, (workItem) => this.limits.isSpent(workItem));
  }

  /** The projector has to have caught up. */
  async start(): Promise<void> {
    const { position } = this.world.projector;
    const { work } = this.world;
    const jobs = await work.unfinishedJobs();
    await this.loadLimits();
    await this.loadAdmissions(jobs, position);
    for (const task of await work.unfinishedTasks()) if (task.paused_at !== null) this.board.pause(task.id);
    for (const job of await work.releasedJobs()) this.board.release(job.id);
    for (const job of jobs) this.board.put(onBoard(job));
    this.options.hosts.start(() => this.wake());
    this.loops = [this.follow(position), this.poll()];
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    clearTimeout(this.alarm);
    await this.options.hosts.stop();
    await Promise.allSettled([...this.loops, this.claiming]);
  }

  private async loadLimits(): Promise<void> {
    for (const row of await this.world.work.budgets()) this.limits.loadBudget(row);
    const breaker = await this.world.work.breaker();
    if (breaker) this.limits.loadBreaker(breaker, probeAmong(await this.world.work.runningJobs(), breaker));
  }

  /** As far as the rows that the board is made of. */
  private async loadAdmissions(jobs: readonly JobRow[], position: number): Promise<void> {
    for (const stream of new Set(jobs.map((job) => `admission-${job.repo}`))) {
      const newest = await this.world.log.readStream(stream, { direction: 'backwards', limit: 100 });
      const seen = newest.find((event) => event.position <= position);
      if (seen) this.admissions.set(stream, seen.revision);
    }
  }

  private async follow(after: number): Promise<void> {
    const { signal } = this.stopping;
    for await (const page of this.world.log.follow({ after, types: HEARD, signal })) {
      for (const event of page.events) this.hear(event);
      if (page.caughtUp) this.boardIsRight = true;
      this.wake();
    }
  }

  private hear(event: RecordedEvent): void {
    if (event.stream.startsWith('admission-')) this.admissions.set(event.stream, event.revision);
    this.limits.apply(event as Parameters<StartLimits['apply']>[0], this.world.clock.now());
    this.board.apply(event as Parameters<Board['apply']>[0]);
  }

  private async poll(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await delay(this.options.pollIntervalS * 1000, undefined, { signal, ref: false }).catch(() => undefined);
      this.wake();
    }
  }

  /** One round at a time; being woken meanwhile makes one more. */
  private wake(): void {
    if (this.pending || !this.boardIsRight) return;
    this.pending = true;
    this.claiming = this.claiming.then(() => this.claimAll()).catch((error: unknown) => this.logger.error(error));
  }

  /** Fills the free slots at once: claims that wait together share one commit of the log. */
  private async claimAll(): Promise<void> {
    this.pending = false;
    while (!this.stopping.signal.aborted) {
      const taken = this.takeFree();
      if (taken.length === 0) return this.setAlarm();
      const settled = await Promise.allSettled(taken.map((job) => this.claim(job)));
      for (const one of settled) if (one.status === 'rejected') throw one.reason;
      // Admission has moved on: what it says now is on its way, and wakes.
      if (settled.some((one) => one.status === 'fulfilled' && one.value === 'moved')) return;
    }
  }

  /** Wakes for the next back-off that ends; while every slot is taken only an event can make room. */
  private setAlarm(): void {
    clearTimeout(this.alarm);
    const nowMs = this.world.clock.now();
    const times = [this.board.nextDueAt, this.limits.nextAt(nowMs)].filter((time) => time !== null);
    if (times.length === 0 || this.hostWithRoom() === null) return;
    const inMs = Math.min(Math.max(1, Math.min(...times) - nowMs), ALARM_MS_MAX);
    this.alarm = setTimeout(() => this.wake(), inMs).unref();
  }

  private takeFree(): readonly Taken[] {
    const taken: Taken[] = [];
    const nowMs = this.world.clock.now();
    while (this.limits.allows(nowMs)) {
      const worker = this.hostWithRoom()?.name;
      const job = worker === undefined ? null : this.board.take(nowMs, worker);
      if (!job || worker === undefined) break;
      this.limits.started(job.id);
      taken.push({ job, worker });
    }
    return taken;
  }

  private hostWithRoom(): Host | null {
    return hostWithRoom(this.options.hosts.reachable, (name) => this.board.runningOn(name));
  }

  /** The name of the refusal, or null. */
  private async claim({ job, worker }: Taken): Promise<string | null> {
    try {
      const answer: Answer = await this.world.commands.execute(this.claimOf(job, worker));
      if (isRefused(answer)) return this.refused(job, answer.code);
      for (const event of answer.events) this.board.apply(event as Recorded<JobEvent>);
      return null;
    } catch (error) {
      this.refused(job, 'not-due');
      throw error;
    }
  }

  /** Pinned, an analyst's claim fails when its repository was frozen, or the gate said anything else, since the board heard of it. */
  private claimOf(job: BoardJob, worker: string): ClaimJob {
    const context = {
      commandId: randomUUID(),
      at: toIso(this.world.clock.now()),
      actor: 'policy:worker',
      correlationId: job.workItem ?? `job-${job.id}`,
      causationId: null,
    };
    const stream = `admission-${job.repo}`;
    const expected = job.agent === 'analyst' ? this.admissions.get(stream) : undefined;
    const pins = expected === undefined ? [] : [{ stream, expected }];
    return new ClaimJob(`job-${job.id}`, { runId: randomUUID(), worker }, context, pins);
  }

  /** Moved, or not due because the clock was set back: nothing is wrong with it. Else somebody was first, and the event that says so is on its way. */
  private refused(job: BoardJob, code: string): string {
    this.limits.notStarted(job.id);
    if (code === 'not-due' || code === 'moved') this.board.putBack(job);
    else this.board.setAside(job);
    return code;
  }
}

function onBoard(job: JobRow) {
  const availableAt = job.available_at === null ? 0 : fromIso(job.available_at);
  return {
    id: job.id,
    agent: job.agent,
    taskId: job.task_id,
    workItem: job.work_item_id,
    repo: job.repo,
    status: placeOf(job),
    worker: job.worker,
    availableAt,
  };
}

function placeOf({ status, publishing_since }: JobRow): BoardJob['status'] {
  if (status !== 'running') return 'queued';
  return publishing_since === null ? 'running' : 'publishing';
}

import { randomUUID } from 'node:crypto';
import type { EventLog } from '../../src/event-log/event-log.js';
import type { RecordedEvent } from '../../src/kernel/event.js';
import type { Stage } from '../../src/kernel/pipeline/stage.js';
import { seed, type Fact } from './seed.js';

const COMMIT = { head: 'c0ffee', codeTree: '7ree' };

/** Writes the life of one work item into a log, step by step, with the numbers and causes that the pipeline would give it. */
export class TaskStory {
  taskId = 0;
  visit = 0;
  private round = 0;
  private stage: Stage = 'created';

  constructor(
    readonly log: EventLog,
    readonly workItem = 'ET-001',
    readonly repo = 'enduro-trails',
  ) {}

  async open(): Promise<RecordedEvent> {
    const { workItem, repo } = this;
    const item = { itemId: `item-${workItem}`, projectId: 'p-1', workItem, repo, title: 'Add a map', description: '' };
    const request = await this.tell({ stream: `inbox-plane-${workItem}`, type: 'TaskRequested', data: item });
    this.taskId = request.position;
    const data = { taskId: this.taskId, ...item, branch: `feature/${workItem}-add-a-map` };
    await this.task('TaskOpened', data, request.id);
    return this.advance('analysis');
  }

  advance(to: Stage): Promise<RecordedEvent> {
    const from = this.stage;
    this.enter(to);
    const { taskId, workItem, repo, visit } = this;
    return this.task('TaskAdvanced', { taskId, workItem, repo, from, to, visit });
  }

  sendBack(reason: string, retries: number): Promise<RecordedEvent> {
    const from = this.stage;
    this.enter('development');
    return this.task('TaskSentBack', { from, to: 'development', visit: this.visit, reason, retries });
  }

  /** A job that waits for an agent; its number is the answer's `data.jobId`. */
  async queueJob(agent = 'analyst'): Promise<RecordedEvent> {
    this.round += 1;
    const { taskId, workItem, repo, stage, visit, round } = this;
    const about = { taskId, workItem, repo, stage, visit, round, feedback: [] };
    const work = await this.task('WorkRequested', { ...about, performer: 'agent', role: agent, revision: null });
    const data = { jobId: work.position, agent, maxAttempts: 2, ...about };
    return this.tell({ stream: `job-${work.position}`, type: 'JobQueued', data, cause: work.id });
  }

  claim(job: RecordedEvent, attempt = 1): Promise<RecordedEvent> {
    const { jobId } = job.data as { jobId: number };
    return this.job(job, 'JobClaimed', { jobId, runId: randomUUID(), attempt, worker: 'here' });
  }

  async start(claim: RecordedEvent): Promise<RecordedEvent> {
    const process = { pid: 4711, startTicks: 1, bootId: 'b', runDirectory: 'runs/1', since: 'abc' };
    return this.job(claim, 'RunStarted', { ...attemptOf(claim), ...process, startedAt: claim.recordedAt }, claim.id);
  }

  async end(claim: RecordedEvent, costUsd: number | null = 0.25): Promise<RecordedEvent> {
    const usage = { costUsd, inputTokens: 100, outputTokens: 20, endedAt: claim.recordedAt };
    const end = { exitCode: 0, signal: null, failure: null };
    return this.job(claim, 'RunEnded', { ...attemptOf(claim), ...end, ...usage }, claim.id);
  }

  async succeed(claim: RecordedEvent, ended: RecordedEvent): Promise<RecordedEvent> {
    const { taskId, stage, visit, round } = this;
    const outcome = { taskId, stage, visit, round, commit: COMMIT, artifacts: [], pullRequest: 7 };
    const done = await this.job(claim, 'JobSucceeded', { ...attemptOf(claim), ...outcome }, ended.id);
    const work = { stage, visit, round, by: claim.stream, commit: COMMIT, artifacts: [], pullRequest: 7 };
    return this.task('WorkFinished', work, done.id);
  }

  /** One job from queued to published. */
  async work(agent = 'analyst', costUsd: number | null = 0.25): Promise<RecordedEvent> {
    const claim = await this.claim(await this.queueJob(agent));
    await this.start(claim);
    return this.succeed(claim, await this.end(claim, costUsd));
  }

  job(of: RecordedEvent, type: string, data: object, cause?: string): Promise<RecordedEvent> {
    return this.tell({ stream: of.stream, type, data, ...(cause === undefined ? {} : { cause }) });
  }

  task(type: string, data: object, cause?: string): Promise<RecordedEvent> {
    return this.tell({ stream: `task-${this.taskId}`, type, data, ...(cause === undefined ? {} : { cause }) });
  }

  private tell(fact: Fact): Promise<RecordedEvent> {
    return seed(this.log, { workItem: this.workItem, ...fact });
  }

  private enter(stage: Stage): void {
    this.stage = stage;
    this.visit += 1;
    this.round = 0;
  }
}

export function attemptOf(claim: RecordedEvent): { jobId: number; fence: number; runId: string } {
  const { jobId, runId } = claim.data as { jobId: number; runId: string };
  return { jobId, fence: claim.revision, runId };
}

import { AbandonAttempt, CompleteJob, ReportPublicationFailed } from '../../domain/job/commands.js';
import type { PublicationFailed, RunEnded } from '../../domain/job/events.js';
import { isWorkingStage, STAGE_TABLE } from '../../domain/task/stages.js';
import { setTimeout as pause } from 'node:timers/promises';
import { assert } from '../../kernel/assert.js';
import type { Clock } from '../../kernel/clock.js';
import type { RecordedEvent } from '../../kernel/event.js';
import { fromIso } from '../../kernel/time.js';
import { projectOf, type Policy } from '../../kernel/pipeline/policy.js';
import type { Forge } from '../../integrations/forge.js';
import { PushRejected, type Artifact, type Published, type Worktrees } from '../../integrations/worktrees.js';
import type { JobRow } from '../../projections/job/jobs.js';
import type { TaskRow } from '../../projections/task/tasks.js';
import type { Work } from '../../projections/work.js';
import type { Effect, Outcome } from '../effect.js';
import { digestOf } from '../task/verdicts.js';

export interface PublicationWorld {
  readonly work: Work;
  readonly worktrees: Worktrees;
  readonly forge: Forge;
  readonly policy: Policy;
  readonly clock: Clock;
}

type Publishable = RunEnded | PublicationFailed;

/**
 * Commits, pushes and opens the pull request for a run that ended well; agents have no credentials for any of it (UNK-25). Trouble of git
 * or the forge is recorded, and its event asks for the next try: neither a crash nor a wait of hours forgets how often it was tried.
 */
export class Publications implements Effect<Publishable> {
  readonly effectClass = 'conditional';

  constructor(
    readonly intent: Publishable['type'],
    private readonly world: PublicationWorld,
  ) {}

  lane({ data }: RecordedEvent<Publishable>): string {
    return `run ${data.runId}`;
  }

  async act(event: RecordedEvent<Publishable>, outcome: Outcome, signal: AbortSignal): Promise<void> {
    const { stream, data } = event;
    const { fence, runId, since } = data;
    await this.untilDue(data, signal);
    const { job, task } = await this.wanted(data.jobId);
    const give = (reason: string) => outcome.report(AbandonAttempt, stream, { fence, reason, transient: false });
    if (job.run_id !== runId) return give('the attempt is no longer the current one');
    const published = await this.brought(job, task, since).catch((error: unknown) => error as Error);
    if (published instanceof PushRejected) return give(published.message);
    if (published instanceof Error) return this.failed(event, published, outcome, signal);
    if ('missing' in published) return give(`the run ended well, but did not write ${published.missing}`);
    await outcome.report(CompleteJob, stream, { fence, runId, ...published });
  }

  private async wanted(jobId: number): Promise<{ readonly job: JobRow; readonly task: TaskRow }> {
    const job = await this.world.work.job(jobId);
    const task = job?.task_id ? await this.world.work.task(job.task_id) : null;
    assert(job && task, `job ${jobId} and its task are in the read models`);
    return { job, task };
  }

  /** What a shutdown cut off has not failed: the next start does it again. */
  private async failed(
    { stream, data }: RecordedEvent<Publishable>,
    error: Error,
    outcome: Outcome,
    signal: AbortSignal,
  ): Promise<void> {
    if (signal.aborted) throw error;
    const { fence, runId, since } = data;
    const tries = 'tries' in data ? data.tries + 1 : 1;
    await outcome.report(ReportPublicationFailed, stream, { fence, runId, since, tries, reason: error.message });
  }

  private async untilDue(data: Publishable['data'], signal: AbortSignal): Promise<void> {
    if (!('retryAt' in data)) return;
    const waitMs = fromIso(data.retryAt) - this.world.clock.now();
    if (waitMs > 0) await pause(waitMs, undefined, { signal });
  }

  private async brought(job: JobRow, task: TaskRow, since: string | null) {
    const published = await this.publish(job, task, since);
    if ('missing' in published) return { missing: published.missing };
    return { ...published, pullRequest: await this.pullRequest(task) };
  }

  private async publish(job: JobRow, task: TaskRow, since: string | null) {
    const key = { repo: task.repo, workItem: task.work_item_id, branch: task.branch };
    assert(since, 'a run that ended well started from a commit');
    const published = await this.world.worktrees.publish(key, {
      since,
      message: `${task.work_item_id}: ${job.agent} — ${job.stage}`,
      author: job.agent,
    });
    const written = await this.written(published, job, task);
    const missing = missingArtifact(job, task, written);
    if (missing) return { missing };
    return { commit: { head: published.head, codeTree: published.codeTree }, artifacts: written };
  }

  /** What differs, and the stage's own artifacts that the run wrote again with the same words. */
  private async written(published: Published, job: JobRow, task: TaskRow): Promise<readonly Artifact[]> {
    const known = new Set(published.artifacts.map((artifact) => artifact.path));
    const again: Artifact[] = [];
    for (const path of requiredPaths(job, task).filter((required) => !known.has(required))) {
      const text = await this.world.worktrees.fileAt(task.repo, published.head, path);
      if (text !== null) again.push({ path, digest: digestOf(text) });
    }
    return [...published.artifacts, ...again];
  }

  private async pullRequest(task: TaskRow): Promise<number> {
    const base = projectOf(this.world.policy, task.repo)?.defaultBranch ?? 'main';
    const title = `${task.work_item_id}: ${task.title}`;
    const request = { head: task.branch, base, title, body: `Work item ${task.work_item_id}.` };
    return (await this.world.forge.openPullRequest(task.repo, request)).number;
  }
}

function requiredPaths(job: JobRow, task: TaskRow): readonly string[] {
  if (!isWorkingStage(job.stage)) return [];
  return STAGE_TABLE[job.stage].artifacts.map((artifact) => `docs/work-items/${task.work_item_id}/${artifact}`);
}

function missingArtifact(job: JobRow, task: TaskRow, written: readonly Artifact[]): string | null {
  const missing = requiredPaths(job, task).find((required) => !written.some(({ path }) => path.startsWith(required)));
  return missing ?? null;
}

import { AbandonAttempt, CompleteJob } from '../../domain/job/commands.js';
import type { RunEnded } from '../../domain/job/events.js';
import { isWorkingStage, STAGE_TABLE } from '../../domain/task/stages.js';
import { assert } from '../../kernel/assert.js';
import type { RecordedEvent } from '../../kernel/event.js';
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
}

/** Commits, pushes and opens the pull request for a run that ended well; agents have no credentials for any of it (UNK-25). */
export class Publications implements Effect<RunEnded> {
  readonly intent = 'RunEnded';
  readonly effectClass = 'conditional';

  constructor(private readonly world: PublicationWorld) {}

  lane({ data }: RecordedEvent<RunEnded>): string {
    return `run ${data.runId}`;
  }

  async act({ stream, data }: RecordedEvent<RunEnded>, outcome: Outcome): Promise<void> {
    const { fence, runId } = data;
    const job = await this.world.work.job(data.jobId);
    const task = job?.task_id ? await this.world.work.task(job.task_id) : null;
    assert(job && task, `job ${data.jobId} and its task are in the read models`);
    const give = (reason: string) => outcome.report(AbandonAttempt, stream, { fence, reason, transient: false });
    if (job.run_id !== runId) return give('the attempt is no longer the current one');
    try {
      const published = await this.publish(job, task, data.since);
      if ('missing' in published) return await give(`the run ended well, but did not write ${published.missing}`);
      const pullRequest = await this.pullRequest(task);
      await outcome.report(CompleteJob, stream, { fence, runId, ...published, pullRequest });
    } catch (error) {
      if (!(error instanceof PushRejected)) throw error;
      await give(error.message);
    }
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

import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { AbandonAttempt, ReportRunEnded, ReportRunStarted } from '../../domain/job/commands.js';
import type { JobClaimed } from '../../domain/job/events.js';
import { isWorkingStage, STAGE_TABLE } from '../../domain/task/stages.js';
import { assert } from '../../kernel/assert.js';
import type { Clock } from '../../kernel/clock.js';
import type { RecordedEvent } from '../../kernel/event.js';
import { toIso } from '../../kernel/time.js';
import type { AgentBrief, AgentRunner } from '../../integrations/agent-runner.js';
import { GitUnavailable, type Worktrees } from '../../integrations/worktrees.js';
import type { JobRow } from '../../projections/job/jobs.js';
import type { TaskRow } from '../../projections/task/tasks.js';
import type { Work } from '../../projections/work.js';
import { RunDirectory, runDirectoryOf } from '../../queue/supervisor/run-directory.js';
import type { Supervisor } from '../../queue/supervisor/supervisor.js';
import type { Effect, Outcome } from '../effect.js';
import { readEnding, readSince, sinceFile } from './run-ending.js';

export interface RunWorld {
  readonly work: Work;
  readonly worktrees: Worktrees;
  readonly runner: AgentRunner;
  readonly supervisor: Supervisor;
  readonly clock: Clock;
  /** Absolute; runs are kept below it. */
  readonly dataDir: string;
}

/** From claim to end of the process. A run that is under way, or has ended, is taken up where it stands and never started again. */
export class Runs implements Effect<JobClaimed> {
  readonly intent = 'JobClaimed';
  readonly effectClass = 'probeable';

  constructor(private readonly world: RunWorld) {}

  lane({ data }: RecordedEvent<JobClaimed>): string {
    return `run ${data.runId}`;
  }

  async act(event: RecordedEvent<JobClaimed>, outcome: Outcome, signal: AbortSignal): Promise<void> {
    const { stream, revision: fence, data } = event;
    const directory = join(this.world.dataDir, runDirectoryOf(data.runId));
    const found = await this.world.supervisor.inspect(directory);
    if (found.state === 'absent' && !(await this.begin(event, directory, outcome))) return;
    const exit = await this.world.supervisor.watch(directory, signal);
    if (signal.aborted || (exit === 'lost' && !(await this.isProvenLost(directory)))) return;
    const ending = await readEnding(
      this.world.runner,
      new RunDirectory(directory).stdout,
      exit,
      toIso(this.world.clock.now()),
    );
    const since = await readSince(directory);
    await outcome.report(ReportRunEnded, stream, { fence, runId: data.runId, since, ...ending });
  }

  /**
   * Its supervisor and its process are gone by their identity, and nothing that carries its tag is left. A folder that cannot be
   * found proves nothing: that is the reaper's to judge.
   */
  private async isProvenLost(directory: string): Promise<boolean> {
    return (await this.world.supervisor.inspect(directory)).state === 'lost';
  }

  /** False: the attempt is over before it began. */
  private async begin(event: RecordedEvent<JobClaimed>, directory: string, outcome: Outcome): Promise<boolean> {
    const { stream, revision: fence, data } = event;
    const job = await this.world.work.job(data.jobId);
    const task = job?.task_id ? await this.world.work.task(job.task_id) : null;
    assert(job && task, `job ${data.jobId} and its task are in the read models`);
    const give = (reason: string) => outcome.report(AbandonAttempt, stream, { fence, reason, transient: true });
    if (job.run_id !== data.runId || job.status !== 'running') {
      await give('the attempt is no longer wanted');
      return false;
    }
    try {
      await this.launch({ job, task, attempt: data.attempt, runId: data.runId, directory, fence });
    } catch (error) {
      if (!(error instanceof GitUnavailable)) throw error;
      await give(error.message);
      return false;
    }
    await this.reportStarted(event, directory, outcome);
    return true;
  }

  /**
   * BR-01..06: branch and worktree come to be here, from a fresh default branch, and not before; never a second time for one run,
   * whose agent may be at work in it already.
   */
  private async launch(start: Launch): Promise<void> {
    const { job, task, directory } = start;
    if (await this.world.supervisor.startAgain(directory)) return;
    const key = { repo: task.repo, workItem: task.work_item_id, branch: task.branch };
    const prepared = await this.world.worktrees.prepare(key);
    await forgetOldVerdicts(prepared.directory, job, task);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await writeFileAtomic(sinceFile(directory), JSON.stringify({ since: prepared.head }));
    const spec = await this.world.runner.prepare(briefOf(start, prepared.directory));
    await this.world.supervisor.start(directory, spec, start.fence);
  }

  private async reportStarted(event: RecordedEvent<JobClaimed>, directory: string, outcome: Outcome): Promise<void> {
    const { stream, revision: fence, data } = event;
    const record = await new RunDirectory(directory).process();
    const identity = record?.process ?? record?.supervisor;
    if (!identity) return;
    const since = (await readSince(directory)) ?? '';
    const started = { fence, runId: data.runId, ...identity, runDirectory: runDirectoryOf(data.runId), since };
    await outcome.report(ReportRunStarted, stream, { ...started, startedAt: toIso(this.world.clock.now()) });
  }
}

interface Launch {
  readonly job: JobRow;
  readonly task: TaskRow;
  readonly attempt: number;
  readonly runId: string;
  readonly directory: string;
  readonly fence: number;
}

/**
 * The verdict that this run is asked for is taken away first: what is there afterwards, this run wrote, even if it says the
 * same as before.
 */
async function forgetOldVerdicts(worktree: string, job: JobRow, task: TaskRow): Promise<void> {
  if (!isWorkingStage(job.stage)) return;
  const verdicts = STAGE_TABLE[job.stage].artifacts.filter(
    (artifact) => artifact.endsWith('.md') && job.stage !== 'analysis',
  );
  for (const file of verdicts) await rm(join(worktree, 'docs/work-items', task.work_item_id, file), { force: true });
}

function briefOf({ job, task, attempt, runId, directory }: Launch, worktree: string): AgentBrief {
  return {
    runId,
    workItem: task.work_item_id,
    role: job.agent,
    stage: job.stage,
    repo: task.repo,
    branch: task.branch,
    attempt,
    title: task.title,
    description: task.description,
    feedback: feedbackOf(job),
    worktree,
    runDirectory: directory,
  };
}

/** Why the work came back, and before it why the attempt before this one was not taken. */
function feedbackOf({ attempts, error, task_content: content }: JobRow): readonly string[] {
  const failed = attempts > 1 && error !== null ? [`The attempt before this one came to nothing: ${error}`] : [];
  return [...failed, ...(content === null ? [] : [content])];
}

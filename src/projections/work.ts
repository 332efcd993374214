import { edgesElsewhere, type Edge } from './admission/edges.js';
import type { FreezeRow } from './admission/freezes.js';
import type { DependencyRow } from './admission/dependencies.js';
import type { BreakerRow } from './breaker/breaker.js';
import type { BudgetRow } from './budget/budgets.js';
import type { DeployRow } from './deploy/deploys.js';
import type { OpenEffectRow } from './effect/open-effects.js';
import type { ReadModels } from './engine/read-models.js';
import type { ItemRow } from './inbox/items.js';
import type { JobRow } from './job/jobs.js';
import { readRunningJobs, type RunningJob } from './job/running-jobs.js';
import type { MergeLeaseRow } from './merge-lease/merge-leases.js';
import type { RunRow } from './job/runs.js';
import type { WatchRow } from './post-deploy/watches.js';
import type { TaskRow } from './task/tasks.js';

/** What queue and effects ask the read models; everything here only nominates, the streams decide. */
export class Work {
  constructor(private readonly reads: ReadModels) {}

  openEffects(): Promise<OpenEffectRow[]> {
    return this.reads.all('SELECT * FROM open_effects ORDER BY position');
  }

  task(id: number): Promise<TaskRow | null> {
    return this.reads.first('SELECT * FROM tasks WHERE id = ?', [id]);
  }

  /** The newest task of the item. */
  taskOf(workItem: string): Promise<TaskRow | null> {
    return this.reads.first('SELECT * FROM tasks WHERE work_item_id = ? ORDER BY id DESC LIMIT 1', [workItem]);
  }

  /** Tasks in no terminal stage. */
  unfinishedTasks(): Promise<TaskRow[]> {
    return this.reads.all("SELECT * FROM tasks WHERE stage NOT IN ('done', 'cancelled') ORDER BY id");
  }

  unfinishedTasksOfBranch(repo: string, branch: string): Promise<TaskRow[]> {
    const unfinished = "stage NOT IN ('done', 'cancelled')";
    return this.reads.all(`SELECT * FROM tasks WHERE repo = ? AND branch = ? AND ${unfinished}`, [repo, branch]);
  }

  /** By the published head; a status names nothing else (WHG-03). */
  unfinishedTasksOfHead(repo: string, head: string): Promise<TaskRow[]> {
    const unfinished = "stage NOT IN ('done', 'cancelled')";
    return this.reads.all(`SELECT * FROM tasks WHERE repo = ? AND head = ? AND ${unfinished}`, [repo, head]);
  }

  unfinishedTasksInDevelopment(repo: string): Promise<TaskRow[]> {
    return this.reads.all("SELECT * FROM tasks WHERE repo = ? AND stage = 'development'", [repo]);
  }

  job(id: number): Promise<JobRow | null> {
    return this.reads.first('SELECT * FROM jobs WHERE id = ?', [id]);
  }

  /** Queued or running, in job-id order. */
  unfinishedJobs(): Promise<JobRow[]> {
    return this.reads.all("SELECT * FROM jobs WHERE status IN ('queued', 'running') ORDER BY id");
  }

  /** Analyst jobs that admission has let in. */
  releasedJobs(): Promise<JobRow[]> {
    return this.reads.all("SELECT * FROM jobs WHERE status = 'queued' AND released = 1");
  }

  /** Attempts that are claimed for the host and not over. */
  async runsOn(worker: string): Promise<readonly string[]> {
    const sql = "SELECT run_id FROM jobs WHERE status = 'running' AND worker = ? AND run_id IS NOT NULL";
    return (await this.reads.all<{ readonly run_id: string }>(sql, [worker])).map(({ run_id }) => run_id);
  }

  run(id: string): Promise<RunRow | null> {
    return this.reads.first('SELECT * FROM runs WHERE run_id = ?', [id]);
  }

  /** By the name of their folder: of attempts and deploys whose end is not in the log yet. */
  async unfinishedRuns(): Promise<readonly string[]> {
    const runs = "SELECT run_id AS name FROM jobs WHERE status = 'running' AND run_id IS NOT NULL";
    const deploys = "SELECT 'deploy-' || id AS name FROM deploys WHERE finished_at IS NULL";
    const rows = await this.reads.all<{ readonly name: string }>(`${runs} UNION ALL ${deploys}`);
    return rows.map(({ name }) => name);
  }

  deploy(id: number): Promise<DeployRow | null> {
    return this.reads.first('SELECT * FROM deploys WHERE id = ?', [id]);
  }

  /** The newest one whose end is not known yet; a staging deploy disturbs nobody. */
  async productionUnderWay(repo: string): Promise<number | null> {
    const sql =
      "SELECT id FROM deploys WHERE repo = ? AND environment = 'production' AND finished_at IS NULL ORDER BY id DESC";
    return (await this.reads.first<{ readonly id: number }>(sql, [repo]))?.id ?? null;
  }

  /** What production ran last and was healthy with: a deploy that went bad afterwards does not count. */
  async verifiedInProduction(repo: string): Promise<{ readonly head: string; readonly codeTree: string } | null> {
    const sql = `SELECT d.head, d.code_tree AS "codeTree" FROM deploys d
      WHERE d.repo = ? AND d.environment = 'production' AND d.verdict = 'SUCCESS'
        AND NOT EXISTS (SELECT 1 FROM post_deploy_watches w WHERE w.deploy_id = d.id AND w.status = 'DEGRADED')
      ORDER BY d.id DESC LIMIT 1`;
    return this.reads.first(sql, [repo]);
  }

  freezesOf(repo: string): Promise<FreezeRow[]> {
    return this.reads.all('SELECT * FROM repo_freeze WHERE repo = ? AND cleared_at IS NULL ORDER BY position', [repo]);
  }

  /** Over production, after a deploy. */
  runningWatches(): Promise<WatchRow[]> {
    return this.reads.all('SELECT * FROM post_deploy_watches WHERE position IS NULL ORDER BY id');
  }

  watch(id: number): Promise<WatchRow | null> {
    return this.reads.first('SELECT * FROM post_deploy_watches WHERE id = ?', [id]);
  }

  dependenciesOf(taskId: number): Promise<DependencyRow[]> {
    return this.reads.all('SELECT * FROM dependencies WHERE task_id = ? ORDER BY position', [taskId]);
  }

  /** Who waits for whom, in all repositories. */
  openEdges(): Promise<readonly Edge[]> {
    return edgesElsewhere(this.reads, '');
  }

  budgets(): Promise<BudgetRow[]> {
    return this.reads.all('SELECT * FROM budgets');
  }

  /** That are held. */
  mergeLeases(): Promise<MergeLeaseRow[]> {
    return this.reads.all('SELECT * FROM merge_leases ORDER BY repo');
  }

  breaker(): Promise<BreakerRow | null> {
    return this.reads.first('SELECT * FROM breaker');
  }

  async runningJobs(): Promise<readonly RunningJob[]> {
    return readRunningJobs(this.reads);
  }

  item(id: string): Promise<ItemRow | null> {
    return this.reads.first('SELECT * FROM items WHERE id = ?', [id]);
  }
}

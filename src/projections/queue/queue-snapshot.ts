import type { AvailabilityBlock } from '../../kernel/outside/availability.js';
import type { BackgroundStats } from '../../kernel/background-stats.js';
import { isReached } from '../../domain/budget/limits.js';
import type { Policy } from '../../kernel/pipeline/policy.js';
import { fromIso, toIso } from '../../kernel/time.js';
import type { BreakerRow } from '../breaker/breaker.js';
import { resilienceOf, type Resilience } from '../breaker/resilience.js';
import type { BudgetRow } from '../budget/budgets.js';
import type { ReadModels } from '../engine/read-models.js';
import { readRunningJobs } from '../job/running-jobs.js';
import type { JobRow, JobStatus } from '../job/jobs.js';
import { postDeployBlock, type PostDeployBlock } from '../post-deploy/post-deploy-block.js';
import { reconcileBlock } from '../source/reconcile-block.js';
import { mergeLeaseBlock, type MergeLeaseBlock } from '../merge-lease/lease-block.js';
import { NOT_TERMINAL } from '../task/tasks.js';
import { hostBlocks, leadershipBlock, type HostBlock, type LeadershipBlock } from './leadership-block.js';
import { repoQueues, type RepoQueue } from './repo-queue.js';

/** The settings and the counters that the rows know nothing of. */
export interface QueueSettings {
  readonly policy: Policy;
  readonly pollIntervalS: number;
  readonly stats: BackgroundStats;
}

/** The answer of `GET /queue`, key by key. */
export interface QueueSnapshot {
  readonly counts: Readonly<Record<JobStatus, number>>;
  readonly max_concurrency: number;
  readonly poll_interval: number;
  readonly resilience: Resilience & {
    /** Queued jobs whose back-off is not over, and when the first one is. */
    readonly delayed: number;
    readonly next_available_at: string | null;
    readonly breaker_probe_s: number;
    /** Tracker and forge: since when one fails, and until when it is left alone. */
    readonly systems: Readonly<Record<'plane' | 'gitea', AvailabilityBlock>>;
  };
  readonly reconcile: object;
  readonly reaper: object;
  readonly post_deploy: PostDeployBlock;
  readonly merge_leases: MergeLeaseBlock;
  readonly serial_gate: {
    readonly enabled: boolean;
    readonly freeze_enabled: boolean;
    readonly pause_enabled: boolean;
    readonly deps_enabled: boolean;
    readonly repos: string;
    readonly per_repo: Readonly<Record<string, RepoQueue>>;
  };
  readonly budget: object;
  /** What only this moment knows; null for another one. */
  readonly leadership: LeadershipBlock | null;
  readonly hosts: readonly HostBlock[] | null;
  readonly recent: readonly JobRow[];
  readonly position: number;
}

/** Reads one moment of the rows; `nowMs` decides which back-off is over and what counts as today. */
export async function queueSnapshot(
  models: ReadModels,
  settings: QueueSettings,
  nowMs: number,
): Promise<QueueSnapshot> {
  const { policy, stats } = settings;
  const { enabled, freezeEnabled, pauseEnabled, dependenciesEnabled, repos } = policy.serialGate;
  const checkpoint = await models.first<{ position: number }>('SELECT position FROM checkpoint');
  return {
    counts: await countsOf(models),
    max_concurrency: policy.maxConcurrency,
    poll_interval: settings.pollIntervalS,
    resilience: { ...(await resilienceIn(models, policy, nowMs)), systems: systemsIn(stats, nowMs) },
    reconcile: await reconcileBlock(models, policy, stats),
    reaper: reaperOf(policy, stats),
    post_deploy: await postDeployBlock(models, policy),
    merge_leases: await mergeLeaseBlock(models),
    serial_gate: {
      enabled,
      freeze_enabled: freezeEnabled,
      pause_enabled: pauseEnabled,
      deps_enabled: dependenciesEnabled,
      repos: repos.join(','),
      per_repo: await repoQueues(models, policy),
    },
    budget: await budgetOf(models, policy, nowMs),
    leadership: leadershipBlock(stats, nowMs),
    hosts: await hostBlocks(models, stats),
    recent: await models.all<JobRow>('SELECT * FROM jobs ORDER BY id DESC LIMIT 10'),
    position: checkpoint?.position ?? 0,
  };
}

async function countsOf(models: ReadModels): Promise<QueueSnapshot['counts']> {
  const sql = `SELECT status, sum(jobs) AS jobs FROM (
    SELECT status, count(*) AS jobs FROM jobs GROUP BY status UNION ALL
    SELECT kind, rows FROM settled_rows WHERE of = 'jobs') GROUP BY status`;
  const rows = await models.all<{ status: JobStatus; jobs: number }>(sql);
  return {
    queued: 0,
    running: 0,
    done: 0,
    failed: 0,
    ...Object.fromEntries(rows.map((row) => [row.status, row.jobs])),
  };
}

function systemsIn({ systems }: BackgroundStats, nowMs: number): QueueSnapshot['resilience']['systems'] {
  return { plane: systems.plane.block(nowMs), gitea: systems.gitea.block(nowMs) };
}

async function resilienceIn(
  models: ReadModels,
  policy: Policy,
  nowMs: number,
): Promise<Omit<QueueSnapshot['resilience'], 'systems'>> {
  const sql = `SELECT count(*) AS delayed, min(available_at) AS next FROM jobs WHERE status = 'queued' AND available_at > ?`;
  const row = await models.first<{ delayed: number; next: string | null }>(sql, [toIso(nowMs)]);
  const breaker = await models.first<BreakerRow>('SELECT * FROM breaker');
  return {
    ...resilienceOf(breaker, await readRunningJobs(models), nowMs),
    delayed: row?.delayed ?? 0,
    next_available_at: row?.next ?? null,
    breaker_probe_s: policy.jobs.breakerProbeS,
  };
}

function reaperOf({ reaper }: Policy, { reaper: done }: BackgroundStats): object {
  const last = done.lastReaped;
  return {
    enabled: reaper.enabled,
    interval: reaper.intervalS,
    last_run_ts: epochSeconds(done.lastRunAt),
    reaped_total: done.reapedTotal,
    reaped_by_outcome: done.reapedByOutcome,
    last_reaped: last && { job_id: last.jobId, agent: last.agent, outcome: last.outcome },
    lease_reclaimed_total: done.leaseReclaimedTotal,
  };
}

async function budgetOf(models: ReadModels, { budget }: Policy, nowMs: number): Promise<object> {
  const midnight = `${toIso(nowMs).slice(0, 10)}T00:00:00.000Z`;
  const sql = 'SELECT sum(cost_usd) AS spent, count(*) - count(cost_usd) AS unknown FROM runs WHERE finished_at >= ?';
  const row = await models.first<{ spent: number | null; unknown: number }>(sql, [midnight]);
  return {
    task_usd: budget.taskUsd,
    day_usd: budget.dayUsd,
    spent_today_usd: row?.spent ?? null,
    runs_of_unknown_cost_today: row?.unknown ?? 0,
    ...(await reachedIn(models, budget, midnight.slice(0, 10))),
  };
}

/** What keeps agents from starting: today's budget, or that of the unfinished tasks named. */
async function reachedIn(models: ReadModels, budget: Policy['budget'], today: string): Promise<object> {
  const day = await models.first<BudgetRow>('SELECT * FROM budgets WHERE id = ?', [`day ${today}`]);
  const unfinished = `SELECT b.* FROM budgets b JOIN tasks t ON t.work_item_id = b.purse
    WHERE b.scope = 'task' AND t.${NOT_TERMINAL} ORDER BY t.id`;
  const tasks = await models.all<BudgetRow>(unfinished);
  return {
    day_reached: isReached('day', day?.total_usd ?? null, budget),
    tasks_reached: tasks.filter((row) => isReached('task', row.total_usd, budget)).map((row) => row.purse),
  };
}

function epochSeconds(iso: string | null): number | null {
  return iso === null ? null : fromIso(iso) / 1000;
}

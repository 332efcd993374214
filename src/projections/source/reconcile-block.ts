import type { SourceName } from '../../domain/source/events.js';
import type { BackgroundStats } from '../../kernel/background-stats.js';
import type { Policy } from '../../kernel/pipeline/policy.js';
import { fromIso } from '../../kernel/time.js';
import type { ReadModels } from '../engine/read-models.js';
import type { UnblocksRow } from '../task/unblocks.js';
import { nothingFrom, type WebhookSourceRow } from './webhook-sources.js';

/** What `/queue` says of one source of webhooks. */
export interface SourceBlock {
  readonly told_by_webhook: number;
  readonly found_by_poll: number;
  /** Of what mattered, the part that no webhook told in time; null before anything did. */
  readonly loss_rate: number | null;
  readonly webhook_delay_s: Delay;
  readonly poll_delay_s: Delay;
  readonly last_webhook_at: string | null;
  /** Set while polls find what no webhook tells of. */
  readonly silent_since: string | null;
}

/** Null where nobody said when a change was made. */
interface Delay {
  readonly mean: number | null;
  readonly max: number | null;
}

const SOURCES: readonly SourceName[] = ['plane', 'gitea'];

/** Counters come from the log, so they survive a restart; only the last run is this process's own. */
export async function reconcileBlock(
  models: ReadModels,
  { reconcile }: Policy,
  { reconcile: done }: BackgroundStats,
): Promise<object> {
  const unblocks = await models.first<UnblocksRow>('SELECT * FROM unblocks');
  return {
    enabled: reconcile.enabled,
    plane_enabled: reconcile.planeEnabled,
    interval: reconcile.intervalS,
    last_run_ts: done.lastRunAt === null ? null : fromIso(done.lastRunAt) / 1000,
    unblocked_total: unblocks?.total ?? 0,
    last_unblocked: unblocks?.last_work_item ?? null,
    last_unblocked_at: unblocks?.last_at ?? null,
    sources: Object.fromEntries(
      await Promise.all(SOURCES.map(async (source) => [source, await sourceBlock(models, source)] as const)),
    ),
  };
}

async function sourceBlock(models: ReadModels, source: SourceName): Promise<SourceBlock> {
  const known = await models.first<WebhookSourceRow>('SELECT * FROM webhook_sources WHERE source = ?', [source]);
  const newest = 'SELECT received_at FROM deliveries WHERE source = ? ORDER BY position DESC LIMIT 1';
  const delivery = await models.first<{ readonly received_at: string }>(newest, [source]);
  const row = known ?? nothingFrom(source);
  const noticed = row.told_total + row.found_total;
  return {
    told_by_webhook: row.told_total,
    found_by_poll: row.found_total,
    loss_rate: noticed === 0 ? null : row.found_total / noticed,
    webhook_delay_s: delayOf(row.told_timed, row.told_delay_ms, row.told_delay_ms_max),
    poll_delay_s: delayOf(row.found_timed, row.found_delay_ms, row.found_delay_ms_max),
    last_webhook_at: delivery?.received_at ?? null,
    silent_since: row.silent_since,
  };
}

function delayOf(timed: number, sumMs: number, maxMs: number): Delay {
  return timed === 0 ? { mean: null, max: null } : { mean: sumMs / timed / 1000, max: maxMs / 1000 };
}

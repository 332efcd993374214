import type { Policy } from '../../kernel/pipeline/policy.js';
import type { ReadModels } from '../engine/read-models.js';
import type { WatchRow } from './watches.js';

const UNDER_WAY = [
  ...(['work_item_id', 'repo', 'deploy_id', 'started_at', 'until'] as const),
  ...(['checks_total', 'checks_failed', 'checks_unmeasured', 'checks_missed'] as const),
  ...(['threshold', 'failed_in_row', 'last_answer', 'last_detail'] as const),
] as const;
const OVER = [
  ...(['work_item_id', 'status', 'action', 'ended_at', 'repo', 'deploy_id', 'reason', 'action_reason'] as const),
  ...(['checks_total', 'checks_failed', 'checks_unmeasured', 'checks_missed'] as const),
] as const;

export type WatchUnderWay = Pick<WatchRow, (typeof UNDER_WAY)[number]> & {
  /** How many checks the window has room for. */
  readonly checks_planned: number;
  readonly is_rollback: boolean;
};

/** The block `post_deploy` of `GET /queue` (PD-10). */
export interface PostDeployBlock {
  readonly enabled: boolean;
  readonly active: readonly WatchUnderWay[];
  readonly last: Pick<WatchRow, (typeof OVER)[number]> | null;
}

export async function postDeployBlock(models: ReadModels, { postDeploy }: Policy): Promise<PostDeployBlock> {
  const active = `SELECT ${UNDER_WAY.join(', ')}, checks AS checks_planned, rollback_of IS NOT NULL AS is_rollback
    FROM post_deploy_watches WHERE position IS NULL ORDER BY id`;
  const last = `SELECT ${OVER.join(', ')} FROM post_deploy_watches WHERE position IS NOT NULL ORDER BY position DESC LIMIT 1`;
  const rows = await models.all<WatchUnderWay>(active);
  return {
    enabled: postDeploy.enabled,
    active: rows.map((row) => ({ ...row, is_rollback: Boolean(row.is_rollback) })),
    last: await models.first(last),
  };
}

import type { Policy } from '../../kernel/pipeline/policy.js';
import type { ReadModels } from '../engine/read-models.js';
import type { WatchRow } from './watches.js';

/** The block `post_deploy` of `GET /queue` (PD-10). */
export interface PostDeployBlock {
  readonly enabled: boolean;
  readonly active: readonly object[];
  readonly last: object | null;
}

export async function postDeployBlock(models: ReadModels, { postDeploy }: Policy): Promise<PostDeployBlock> {
  const active = await models.all<WatchRow>('SELECT * FROM post_deploy_watches WHERE position IS NULL ORDER BY id');
  const sql = 'SELECT * FROM post_deploy_watches WHERE position IS NOT NULL ORDER BY position DESC LIMIT 1';
  const last = await models.first<WatchRow>(sql);
  return { enabled: postDeploy.enabled, active: active.map(underWay), last: last && over(last) };
}

function underWay(row: WatchRow): object {
  const {
    work_item_id,
    repo,
    deploy_id,
    started_at,
    until,
    checks,
    threshold,
    failed_in_row,
    last_answer,
    last_detail,
  } = row;
  return {
    ...{ work_item_id, repo, deploy_id, started_at, until, ...countsOf(row) },
    ...{
      checks_planned: checks,
      threshold,
      failed_in_row,
      last_answer,
      last_detail,
      is_rollback: row.rollback_of !== null,
    },
  };
}

function over(row: WatchRow): object {
  const { work_item_id, repo, deploy_id, status, action, ended_at, reason, action_reason } = row;
  return { work_item_id, status, action, ended_at, repo, deploy_id, reason, action_reason, ...countsOf(row) };
}

function countsOf({ checks_total, checks_failed, checks_unmeasured, checks_missed }: WatchRow) {
  return { checks_total, checks_failed, checks_unmeasured, checks_missed };
}

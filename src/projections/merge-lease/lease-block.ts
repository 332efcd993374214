import type { ReadModels } from '../engine/read-models.js';
import type { MergeLeaseRow } from './merge-leases.js';

/** A lease as people are told of it, by repository. */
export type MergeLeaseBlock = Readonly<
  Record<string, Pick<MergeLeaseRow, 'holder' | 'work_item_id' | 'acquired_at' | 'expires_at' | 'fence'>>
>;

export async function mergeLeaseBlock(models: ReadModels): Promise<MergeLeaseBlock> {
  const rows = await models.all<MergeLeaseRow>('SELECT * FROM merge_leases ORDER BY repo');
  return Object.fromEntries(
    rows.map(({ repo, holder, work_item_id, acquired_at, expires_at, fence }) => [
      repo,
      { holder, work_item_id, acquired_at, expires_at, fence },
    ]),
  );
}

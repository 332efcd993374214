import type { FreezeLifted, RepoFrozen } from '../../domain/admission/events.js';
import type { RecordedEvent } from '../../kernel/event.js';
import type { ReadModel } from '../engine/read-model.js';

/** One cause for which a repository starts no analysis; a lifted one stays as history (SG-23). */
export type FreezeRow = {
  readonly id: string;
  readonly position: number;
  readonly repo: string;
  readonly reason: string;
  readonly work_item_id: string | null;
  readonly frozen_by: string;
  readonly frozen_at: string;
  readonly cleared_by: string | null;
  readonly cleared_at: string | null;
};

export const freezes: ReadModel<FreezeRow> = {
  table: 'repo_freeze',
  key: 'id',
  version: 1,
  listensTo: ['RepoFrozen', 'FreezeLifted'],
  keysOf(event) {
    const { data } = event as RecordedEvent<RepoFrozen> | RecordedEvent<FreezeLifted>;
    return 'causeId' in data ? [data.causeId] : data.causeIds;
  },
  apply(row, event) {
    if (event.type === 'RepoFrozen') return frozen(event as RecordedEvent<RepoFrozen>);
    const { data, recordedAt } = event as RecordedEvent<FreezeLifted>;
    return row && { ...row, cleared_by: data.by, cleared_at: recordedAt };
  },
};

function frozen({ data, position }: RecordedEvent<RepoFrozen>): FreezeRow {
  const { causeId, repo, reason, workItem, by, since } = data;
  const cleared = { cleared_by: null, cleared_at: null };
  return { id: causeId, position, repo, reason, work_item_id: workItem, frozen_by: by, frozen_at: since, ...cleared };
}

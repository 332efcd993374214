import type { MergeLeaseEvent } from '../../domain/merge-lease/events.js';
import type { Recorded } from '../../kernel/event.js';
import type { ReadModel } from '../engine/read-model.js';

/** A lease that is held; given back, it has no row. */
export type MergeLeaseRow = {
  readonly repo: string;
  /** The branch, which is the holder's identity (MG-03). */
  readonly holder: string;
  readonly work_item_id: string;
  readonly task_id: number;
  readonly pid: number;
  readonly start_ticks: number | null;
  readonly boot_id: string | null;
  readonly acquired_at: string;
  readonly expires_at: string;
  readonly fence: number;
  readonly position: number;
};

type Told = Recorded<MergeLeaseEvent>;

export const mergeLeases: ReadModel<MergeLeaseRow> = {
  table: 'merge_leases',
  key: 'repo',
  version: 1,
  listensTo: ['MergeLeaseGranted', 'MergeLeaseRenewed', 'MergeLeaseReleased', 'MergeLeaseReclaimed'],
  keysOf: (event) => [(event as Told).data.repo],
  apply: (row, event) => applied(row, event as Told),
};

function applied(row: MergeLeaseRow | undefined, event: Told): MergeLeaseRow | undefined {
  switch (event.type) {
    case 'MergeLeaseGranted':
      return granted(event);
    case 'MergeLeaseRenewed':
      return row && { ...row, expires_at: event.data.expiresAt };
    case 'MergeLeaseReleased':
    case 'MergeLeaseReclaimed':
      return undefined;
  }
}

function granted({ data, revision, position }: Extract<Told, { type: 'MergeLeaseGranted' }>): MergeLeaseRow {
  const { pid, startTicks, bootId } = data.instance;
  return {
    ...{ repo: data.repo, holder: data.branch, work_item_id: data.workItem, task_id: data.taskId },
    ...{ pid, start_ticks: startTicks, boot_id: bootId },
    ...{ acquired_at: data.acquiredAt, expires_at: data.expiresAt, fence: revision, position },
  };
}

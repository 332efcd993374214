import type { TaskUnblocked } from '../../domain/task/events.js';
import type { RecordedEvent } from '../../kernel/event.js';
import type { ReadModel } from '../engine/read-model.js';

/** What the reconciler has moved on so far; one row, once there was something (RC-18). */
export type UnblocksRow = {
  readonly id: 'reconciler';
  readonly total: number;
  readonly last_work_item: string;
  readonly last_at: string;
};

export const unblocks: ReadModel<UnblocksRow> = {
  table: 'unblocks',
  key: 'id',
  version: 1,
  listensTo: ['TaskUnblocked'],
  keysOf: () => ['reconciler'],
  apply: (row, event) => counted(row?.total ?? 0, event as RecordedEvent<TaskUnblocked>),
};

function counted(before: number, { data, recordedAt }: RecordedEvent<TaskUnblocked>): UnblocksRow {
  return { id: 'reconciler', total: before + 1, last_work_item: data.workItem, last_at: recordedAt };
}

import type { InboxEvent } from '../../domain/inbox/events.js';
import { numberOf, type Recorded } from '../../kernel/event.js';
import type { StatusKey } from '../../kernel/pipeline/stage.js';
import type { ReadModel } from '../engine/read-model.js';

/** A work item of the tracker, with the status that was observed last. */
export type ItemRow = {
  readonly id: string;
  readonly project_id: string;
  readonly work_item_id: string;
  readonly repo: string;
  readonly status_id: string;
  readonly status_key: StatusKey | null;
  readonly task_id: number | null;
  readonly observed_at: string;
  /** By the tracker; null where it does not say so. */
  readonly entered_at: string | null;
};

type Told = Extract<Recorded<InboxEvent>, { type: 'StatusEntered' | 'TaskRequested' | 'ItemVanished' }>;

export const items: ReadModel<ItemRow> = {
  table: 'items',
  key: 'id',
  version: 3,
  listensTo: ['StatusEntered', 'TaskRequested', 'ItemVanished'],
  keysOf: (event) => [(event as Told).data.itemId],
  apply: (row, event) => applied(row, event as Told),
};

function applied(row: ItemRow | undefined, event: Told): ItemRow | undefined {
  switch (event.type) {
    case 'StatusEntered':
      if (event.data.overtaken) return row;
      return {
        id: event.data.itemId,
        project_id: event.data.projectId,
        work_item_id: event.data.workItem,
        repo: event.data.repo,
        status_id: event.data.toId,
        status_key: event.data.toKey,
        task_id: row?.task_id ?? event.data.taskId,
        observed_at: event.recordedAt,
        entered_at: event.data.enteredAt ?? null,
      };
    case 'TaskRequested':
      return row && { ...row, task_id: numberOf(event) };
    case 'ItemVanished':
      return undefined;
  }
}

import { randomUUID } from 'node:crypto';
import { stamp } from '../render.js';
import type { Item, OutgoingWebhook, TrackerState } from '../state.js';

type Json = Record<string, unknown>;

/** The webhooks of the commercial editions, after their documentation; null for what is gone, or was never sent in this form. */
export function webhookBodyV2(state: TrackerState, webhook: OutgoingWebhook): Json | null {
  const item = state.items.find(({ id }) => id === webhook.subject);
  if (webhook.event !== 'issue' || !item) return null;
  return {
    ...{ version: 'v2', delivery_id: randomUUID(), event_id: webhook.id, entity_id: item.id, entity_type: 'issue' },
    ...{ event: eventNameV2(webhook), webhook_id: state.webhookId, workspace_id: state.workspaceId },
    ...{ data: dataOf(state, item, webhook.actor), previous_attributes: previousOf(webhook) },
  };
}

export function eventNameV2({ action }: OutgoingWebhook): string {
  return `workitem.${action}`;
}

/** Ids instead of objects, and the word "None" where nothing is meant. */
function dataOf(state: TrackerState, item: Item, actor: string): Json {
  const times = { created_at: zoned(item.createdAt), updated_at: zoned(item.updatedAt), deleted_at: 'None' };
  return {
    ...{ id: item.id, name: item.name, point: 'None', type_id: 'None', is_draft: false, priority: item.priority },
    ...{ state_id: item.state, label_ids: item.labels, parent_id: item.parent ?? 'None', ...times },
    ...{ project_id: item.project, sort_order: item.sortOrder, sequence_id: item.sequenceId },
    ...{ assignee_ids: item.assignees, workspace_id: state.workspaceId, created_by_id: item.createdBy },
    ...{ updated_by_id: actor, external_source: item.externalSource ?? 'None', external_id: item.externalId ?? 'None' },
    last_activity_at: zoned(item.updatedAt),
  };
}

/** The changed fields only. */
function previousOf({ field, oldValue }: OutgoingWebhook): Json {
  if (field === null) return {};
  return { [field === 'state' ? 'state_id' : field]: oldValue ?? 'None' };
}

function zoned(micros: number): string {
  return stamp(micros, 0).replace('Z', '+00:00');
}

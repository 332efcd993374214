import { PythonFloat } from './webhooks/python-json.js';
import type { Account, Activity, Comment, Item, OutgoingWebhook, Status, TrackerState } from './state.js';

type Json = Record<string, unknown>;

/** Everything that shapes a REST answer: whose workspace, and in whose time zone. */
export interface Reader {
  readonly state: TrackerState;
  readonly offsetMinutes: number;
}

/** `2026-05-12T09:41:07.511832Z`, or with the reader's offset. */
export function stamp(micros: number, offsetMinutes: number): string {
  const local = new Date(Math.floor(micros / 1000) + offsetMinutes * 60_000).toISOString().slice(0, 19);
  return `${local}.${String(micros % 1_000_000).padStart(6, '0')}${zone(offsetMinutes)}`;
}

function zone(offsetMinutes: number): string {
  if (offsetMinutes === 0) return 'Z';
  const size = Math.abs(offsetMinutes);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${offsetMinutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

export function userBody(account: Account): Json {
  const { id, firstName, lastName, email, displayName } = account;
  const names = { first_name: firstName, last_name: lastName };
  return { id, ...names, email, avatar: '', avatar_url: null, display_name: displayName };
}

export function stateObject(status: Status): Json {
  return { id: status.id, name: status.name, color: status.color, group: status.group };
}

export function stateBody(reader: Reader, status: Status): Json {
  const at = stamp(0, reader.offsetMinutes);
  return {
    ...{ id: status.id, created_at: at, updated_at: at, deleted_at: null, name: status.name, description: '' },
    ...{ color: status.color, slug: status.name.toLowerCase().replaceAll(' ', '-'), sequence: status.sequence },
    ...{ group: status.group, is_triage: false, default: status.isDefault, external_source: null, external_id: null },
    ...{ created_by: null, updated_by: null, project: status.project, workspace: reader.state.workspaceId },
  };
}

/** The REST form: `state` is a uuid unless it is expanded. */
export function itemBody(reader: Reader, item: Item, expandState = false): Json {
  const status = reader.state.statuses.find(({ id }) => id === item.state);
  return {
    ...{
      id: item.id,
      type_id: null,
      ...times(item, reader.offsetMinutes),
      deleted_at: null,
      point: null,
      name: item.name,
    },
    ...{ description_html: item.descriptionHtml, description_binary: null, priority: item.priority },
    ...common(reader.state, item, reader.offsetMinutes),
    ...{ parent: item.parent, state: expandState && status ? stateObject(status) : item.state },
    ...{ estimate_point: null, type: null, assignees: item.assignees, labels: item.labels },
  };
}

export function commentBody(reader: Reader, comment: Comment): Json {
  const at = stamp(comment.createdAt, reader.offsetMinutes);
  return {
    ...{
      id: comment.id,
      created_at: at,
      updated_at: at,
      deleted_at: null,
      comment_html: comment.html,
      attachments: [],
    },
    ...{
      access: 'INTERNAL',
      external_source: comment.externalSource,
      external_id: comment.externalId,
      edited_at: null,
    },
    ...{
      created_by: comment.createdBy,
      updated_by: null,
      project: comment.project,
      workspace: reader.state.workspaceId,
    },
    ...{ description: comment.description, issue: comment.item, actor: comment.createdBy, parent: null },
  };
}

export function activityBody(reader: Reader, activity: Activity): Json {
  const at = stamp(activity.at, reader.offsetMinutes);
  const comment = activity.field === null ? 'created the issue' : `updated the ${activity.field} to`;
  return {
    ...{
      id: activity.id,
      created_at: at,
      updated_at: at,
      deleted_at: null,
      verb: activity.verb,
      field: activity.field,
    },
    ...{ old_value: activity.oldValue, new_value: activity.newValue, comment, attachments: [] },
    ...{ old_identifier: activity.oldIdentifier, new_identifier: activity.newIdentifier },
    ...{ epoch: Math.floor(activity.at / 1_000_000), project: activity.project, workspace: reader.state.workspaceId },
    ...{ issue: activity.item, issue_comment: null, actor: activity.actor },
  };
}

/** The body of a webhook as of now; null when what it is about is gone. */
export function webhookBody(state: TrackerState, webhook: OutgoingWebhook): Json | null {
  const data = webhook.event === 'issue' ? itemData(state, webhook.subject) : commentData(state, webhook.subject);
  const actor = state.accounts.find(({ id }) => id === webhook.actor);
  if (data === null || actor === undefined) return null;
  const { event, action, field, newValue, oldValue } = webhook;
  const change = { field, new_value: newValue, old_value: oldValue, actor: userBody(actor) };
  const activity = { ...change, old_identifier: null, new_identifier: null };
  return { event, action, webhook_id: state.webhookId, workspace_id: state.workspaceId, data, activity };
}

function commentData(state: TrackerState, id: string): Json | null {
  const comment = state.comments.find((candidate) => candidate.id === id);
  return comment ? commentBody({ state, offsetMinutes: 0 }, comment) : null;
}

function itemData(state: TrackerState, id: string): Json | null {
  const item = state.items.find((candidate) => candidate.id === id);
  const status = state.statuses.find((candidate) => candidate.id === item?.state);
  if (!item || !status) return null;
  const text = strippedOf(item.descriptionHtml);
  const document = { type: 'doc', content: [{ type: 'paragraph', content: [{ type: 'text', text }] }] };
  const assignees = state.accounts.filter((account) => item.assignees.includes(account.id)).map(userBody);
  return {
    ...{ id: item.id, labels: [], assignees, state: stateObject(status), description: document, ...times(item, 0) },
    ...{ deleted_at: null, point: null, name: item.name, description_json: document },
    ...{ description_html: item.descriptionHtml, description_stripped: text, description_binary: null },
    ...{ priority: item.priority, ...common(state, item, 0), sort_order: new PythonFloat(item.sortOrder) },
    ...{ parent: item.parent, estimate_point: null, type: null },
  };
}

function times(item: Item, offset: number): Json {
  return { created_at: stamp(item.createdAt, offset), updated_at: stamp(item.updatedAt, offset) };
}

function common(state: TrackerState, item: Item, offset: number): Json {
  return {
    ...{ start_date: item.startDate, target_date: item.targetDate, sequence_id: item.sequenceId },
    ...{ sort_order: item.sortOrder, completed_at: item.completedAt === null ? null : stamp(item.completedAt, offset) },
    ...{ archived_at: null, is_draft: false, external_source: item.externalSource, external_id: item.externalId },
    ...{ created_by: item.createdBy, updated_by: item.updatedBy, project: item.project, workspace: state.workspaceId },
  };
}

function strippedOf(html: string): string {
  const text = html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
  const plain = text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&#39;', "'");
  return plain.replaceAll('&amp;', '&').trim();
}

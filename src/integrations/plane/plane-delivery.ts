import { fromIso, toIso } from '../../kernel/time.js';
import { signatureHolds } from '../wire/signature.js';
import type { TrackerDelivery } from '../tracker.js';
import { isRecord, textIn, valueIn } from '../wire/untrusted.js';

type StatusChange = Extract<TrackerDelivery, { kind: 'item-changed' }>['statusChange'];

/** What is sent, and what the documentation of older versions says. */
const CHANGES: readonly string[] = ['created', 'create', 'updated', 'update'];
const DELETIONS: readonly string[] = ['deleted', 'delete'];

/** Hex of the HMAC, without a prefix, over the bytes as they came. */
export function planeSignatureHolds(secret: string, rawBody: Buffer, header: string | undefined): boolean {
  return signatureHolds(secret, rawBody, header);
}

/** Both versions. Keys and events that nobody knows are no error. */
export function readPlaneDelivery(body: unknown): TrackerDelivery {
  const event = textIn(body, 'event');
  if (!isRecord(body) || event === null) return ignored('the body names no event');
  return textIn(body, 'version') === 'v2' ? readV2(dotted(event), body) : readV1(event, body);
}

function readV1(event: string, body: unknown): TrackerDelivery {
  const action = textIn(body, 'action') ?? '';
  const itemId = textIn(body, 'data', 'id');
  const projectId = textIn(body, 'data', 'project');
  if (event !== 'issue') return ignored(`nothing listens to the event "${event}"`);
  if (itemId === null) return ignored('the event "issue" names no work item');
  if (DELETIONS.includes(action)) return { kind: 'item-deleted', projectId, itemId };
  if (!CHANGES.includes(action)) return ignored(`nothing listens to the action "${action}" of an issue`);
  if (projectId === null) return ignored('the event "issue" names no project');
  return { kind: 'item-changed', projectId, itemId, statusChange: statusChangeV1(body) };
}

/** The web UI says `state_id`, the API says `state`. `data.state` may be newer than the change and proves nothing. */
function statusChangeV1(body: unknown): StatusChange {
  const activity = valueIn(body, 'activity');
  const field = textIn(activity, 'field');
  if (field !== 'state' && field !== 'state_id') return null;
  const [fromId, toId] = [textIn(activity, 'old_value'), textIn(activity, 'new_value')];
  const actorId = textIn(activity, 'actor', 'id');
  return toId === null || actorId === null ? null : { fromId, toId, actorId, at: touchedAt(valueIn(body, 'data')) };
}

function touchedAt(data: unknown): string | null {
  const ms = fromIso(textIn(data, 'updated_at') ?? '');
  return Number.isNaN(ms) ? null : toIso(ms);
}

function readV2(event: string, body: unknown): TrackerDelivery {
  const before = valueIn(body, 'previous_attributes');
  const data = valueIn(body, 'data');
  const itemId = textIn(body, 'entity_id') ?? given(data, 'id') ?? given(before, 'id');
  const projectId = given(data, 'project_id') ?? given(before, 'project_id');
  if (!['workitem.created', 'workitem.updated', 'workitem.deleted'].includes(event)) {
    return ignored(`nothing listens to the event "${event}"`);
  }
  if (itemId === null) return ignored(`the event "${event}" names no work item`);
  if (event === 'workitem.deleted') return { kind: 'item-deleted', projectId, itemId };
  if (projectId === null) return ignored(`the event "${event}" names no project`);
  return { kind: 'item-changed', projectId, itemId, statusChange: statusChangeV2(data, before) };
}

/** `previous_attributes` holds the changed fields only. */
function statusChangeV2(data: unknown, before: unknown): StatusChange {
  if (valueIn(before, 'state_id') === undefined) return null;
  const [fromId, toId, actorId] = [given(before, 'state_id'), given(data, 'state_id'), given(data, 'updated_by_id')];
  return toId === null || actorId === null ? null : { fromId, toId, actorId, at: touchedAt(data) };
}

/** The documentation shows the text "None" where nothing is meant. */
function given(body: unknown, key: string): string | null {
  const text = textIn(body, key);
  return text === 'None' ? null : text;
}

/** The documentation once shows `WebhookScope.ScopeChoices.WORK_ITEM_UPDATED` for `workitem.updated`. */
function dotted(event: string): string {
  const constant = event.split('.').at(-1) ?? '';
  return /^WORK_ITEM_[A-Z_]+$/.test(constant)
    ? constant.replace('WORK_ITEM_', 'workitem.').replaceAll('_', '.').toLowerCase()
    : event;
}

function ignored(reason: string): TrackerDelivery {
  return { kind: 'ignored', reason };
}

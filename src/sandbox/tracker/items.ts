import { randomUUID } from 'node:crypto';
import { nextStamp, type Account, type Item, type TrackerProject, type TrackerState } from './state.js';

export type Body = Readonly<Record<string, unknown>>;
export type Answer = { readonly status: number; readonly body: unknown };
export type Created = { readonly item: Item } | { readonly refused: Answer };

/** REST key → where it is kept. Any other key is ignored with 200: `state_id` does not change the status. */
const FIELDS = {
  name: 'name',
  description_html: 'descriptionHtml',
  state: 'state',
  priority: 'priority',
  parent: 'parent',
  start_date: 'startDate',
  target_date: 'targetDate',
  assignees: 'assignees',
  labels: 'labels',
  sort_order: 'sortOrder',
} as const satisfies Record<string, keyof Item>;

export function createItem(state: TrackerState, project: TrackerProject, actor: Account, body: Body): Created {
  const twin = sameExternal(state.items, project.id, body);
  const error = 'Issue with the same external id and external source already exists';
  if (twin) return { refused: { status: 409, body: { error, id: twin.id } } };
  if (typeof body['name'] !== 'string' || body['name'] === '') return { refused: missingName() };
  const refused = refusedState(state, project.id, body['state']);
  if (refused) return { refused };
  const item = newItem(state, project, actor, body);
  state.items.push(item);
  record(state, item, actor, { verb: 'created', field: null, from: null, to: null });
  emit(state, item, actor, { action: 'created', field: null, oldValue: null, newValue: null });
  return { item };
}

/** One webhook per changed key, as Plane sends them. */
export function patchItem(state: TrackerState, item: Item, actor: Account, body: Body): Answer | null {
  const refused = refusedState(state, item.project, body['state']);
  if (refused) return refused;
  for (const key of Object.keys(FIELDS) as (keyof typeof FIELDS)[]) {
    if (key in body) changeField(state, item, actor, { key, to: body[key] });
  }
  leaveFalseActivity(state, item, actor, body['state_id']);
  item.updatedAt = nextStamp(state);
  item.updatedBy = actor.id;
  return null;
}

/** The background task that writes the history saves the item once more: `updated_at` moves without a visible change. */
export function touch(state: TrackerState, item: Item): void {
  item.updatedAt = nextStamp(state);
}

export function deleteItem(state: TrackerState, item: Item): void {
  state.items.splice(state.items.indexOf(item), 1);
}

export function sameExternal<T extends { project: string; externalId: string | null; externalSource: string | null }>(
  entries: readonly T[],
  project: string,
  body: Body,
): T | undefined {
  const { external_id: id, external_source: source } = body;
  if (!id || !source) return undefined;
  return entries.find(
    (entry) => entry.project === project && entry.externalId === id && entry.externalSource === source,
  );
}

function newItem(state: TrackerState, project: TrackerProject, actor: Account, body: Body): Item {
  const at = nextStamp(state);
  const first = state.statuses.find((status) => status.project === project.id && status.isDefault);
  const sequenceId = project.nextSequence++;
  return {
    ...{ id: randomUUID(), project: project.id, sequenceId, name: body['name'] as string },
    ...{ descriptionHtml: textOr(body['description_html'], '<p></p>'), state: textOr(body['state'], first?.id ?? '') },
    ...{ priority: textOr(body['priority'], 'none'), parent: null, startDate: null, targetDate: null },
    ...{ assignees: [], labels: [], sortOrder: 65_535 + sequenceId * 10_000, createdAt: at, updatedAt: at },
    ...{ completedAt: null, createdBy: actor.id, updatedBy: null },
    ...{ externalSource: textOrNull(body['external_source']), externalId: textOrNull(body['external_id']) },
  };
}

function changeField(
  state: TrackerState,
  item: Item,
  actor: Account,
  change: { readonly key: keyof typeof FIELDS; readonly to: unknown },
): void {
  const kept = item as unknown as Record<string, unknown>;
  const from = kept[FIELDS[change.key]];
  if (JSON.stringify(from) === JSON.stringify(change.to)) return;
  kept[FIELDS[change.key]] = change.to;
  if (change.key === 'state') markCompletion(state, item);
  record(state, item, actor, { verb: 'updated', field: change.key, from, to: change.to });
  emit(state, item, actor, { action: 'updated', field: change.key, oldValue: from, newValue: change.to });
}

function markCompletion(state: TrackerState, item: Item): void {
  const group = state.statuses.find(({ id }) => id === item.state)?.group;
  item.completedAt = group === 'completed' ? nextStamp(state) : null;
}

/** `state_id` changes nothing, answers 200, and yet the history says that it did. */
function leaveFalseActivity(state: TrackerState, item: Item, actor: Account, wanted: unknown): void {
  if (typeof wanted !== 'string' || wanted === item.state) return;
  record(state, item, actor, { verb: 'updated', field: 'state', from: item.state, to: wanted });
}

function record(
  state: TrackerState,
  item: Item,
  actor: Account,
  change: { readonly verb: string; readonly field: string | null; readonly from: unknown; readonly to: unknown },
): void {
  const isState = change.field === 'state';
  const shown = (value: unknown) => (isState ? statusName(state, value) : asText(value));
  state.activities.push({
    ...{ id: randomUUID(), project: item.project, item: item.id, verb: change.verb, field: change.field },
    ...{ oldValue: shown(change.from), newValue: shown(change.to) },
    ...{ oldIdentifier: isState ? asText(change.from) : null, newIdentifier: isState ? asText(change.to) : null },
    ...{ actor: actor.id, at: nextStamp(state) },
  });
}

function emit(
  state: TrackerState,
  item: Item,
  actor: Account,
  change: { action: 'created' | 'updated'; field: string | null; oldValue: unknown; newValue: unknown },
): void {
  // Nothing is queued while the hook is switched off.
  if (!state.webhookActive) return;
  const webhook = { id: randomUUID(), event: 'issue' as const, subject: item.id, actor: actor.id, ...change };
  state.outbox.push({ ...webhook, body: null, attempts: 0, dueAt: Date.now() });
}

function refusedState(state: TrackerState, project: string, wanted: unknown): Answer | null {
  if (wanted === undefined) return null;
  const status = state.statuses.find(({ id }) => id === wanted);
  const unknown = `Invalid pk "${asText(wanted)}" - object does not exist.`;
  if (!status) return { status: 400, body: { state: [unknown] } };
  const foreign = 'State is not valid please pass a valid state_id';
  return status.project === project ? null : { status: 400, body: { non_field_errors: [foreign] } };
}

function missingName(): Answer {
  return { status: 400, body: { name: ['This field is required.'] } };
}

function statusName(state: TrackerState, id: unknown): string | null {
  return state.statuses.find((status) => status.id === id)?.name ?? null;
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function asText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { accountOf } from './entrance.js';
import { itemOf, MISSING, PROJECT } from './item-routes.js';
import type { Body } from './items.js';
import { stamp } from './render.js';
import type { Item, TrackerState } from './state.js';
import type { TrackerDesk } from './desk.js';

type RelationRequest = FastifyRequest<{ Params: { project: string; item: string }; Body: Body }>;

/** Each type with the name that the other side sees. */
const INVERSE: Readonly<Record<string, string>> = {
  blocking: 'blocked_by',
  blocked_by: 'blocking',
  duplicate: 'duplicate',
  relates_to: 'relates_to',
  start_after: 'start_before',
  start_before: 'start_after',
  finish_after: 'finish_before',
  finish_before: 'finish_after',
};

/** Relations send no webhook and cannot be deleted through this interface. */
export function relationRoutes(app: FastifyInstance, desk: TrackerDesk): void {
  const path = `${PROJECT}/work-items/:item/relations/`;
  app.get(path, (request: RelationRequest, reply) => list(desk, request, reply));
  app.post(path, (request: RelationRequest, reply) => add(desk, request, reply));
}

function list(desk: TrackerDesk, request: RelationRequest, reply: FastifyReply): FastifyReply {
  const item = itemOf(desk, request.params);
  if (!item) return reply.code(404).send(MISSING);
  const body = Object.keys(INVERSE).map((type) => [type, related(desk.state.value, item.id, type)]);
  return reply.send(Object.fromEntries(body));
}

function related(state: TrackerState, item: string, type: string): unknown[] {
  const ids = state.relations.flatMap((relation) => {
    if (relation.item === item && relation.type === type) return [relation.related];
    return relation.related === item && INVERSE[relation.type] === type ? [relation.item] : [];
  });
  const items = [...new Set(ids)].map((id) => state.items.find((candidate) => candidate.id === id));
  return items.filter((found) => found !== undefined).map(({ id, project }) => ({ project_id: project, issue_id: id }));
}

function add(desk: TrackerDesk, request: RelationRequest, reply: FastifyReply): FastifyReply {
  const item = itemOf(desk, request.params);
  if (!item) return reply.code(404).send(MISSING);
  const type = String(request.body?.['relation_type']);
  const wanted = request.body?.['issues'];
  if (!(type in INVERSE) || !Array.isArray(wanted)) return reply.code(400).send({ error: 'Invalid relation' });
  const added = desk.state.change((state) => relate(state, item, type, wanted as unknown[]));
  const account = accountOf(request);
  const at = stamp(desk.state.value.lastStamp, account.utcOffsetMinutes);
  return reply.code(201).send(added.map((other) => relationBody(other, type, account.id, at)));
}

/** What exists already, and what does not exist, is passed over without a word. */
function relate(state: TrackerState, item: Item, type: string, wanted: readonly unknown[]): Item[] {
  const others = state.items.filter(({ id }) => wanted.includes(id) && id !== item.id);
  const fresh = others.filter(
    (other) => !state.relations.some((one) => one.item === item.id && one.related === other.id),
  );
  state.relations.push(...fresh.map((other) => ({ type, item: item.id, related: other.id })));
  return fresh;
}

function relationBody(other: Item, type: string, actor: string, at: string): Record<string, unknown> {
  const { id, project, sequenceId, name, state, priority } = other;
  const item = {
    id,
    project_id: project,
    sequence_id: sequenceId,
    relation_type: type,
    name,
    state_id: state,
    priority,
  };
  return { ...item, created_by: actor, created_at: at, updated_at: at, updated_by: actor };
}

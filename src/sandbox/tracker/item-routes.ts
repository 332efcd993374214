import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { accountOf } from './entrance.js';
import { createItem, deleteItem, patchItem, sameExternal, touch, type Body } from './items.js';
import { pageOf, type PageQuery } from './paging.js';
import { itemBody, type Reader } from './render.js';
import type { Item, TrackerProject } from './state.js';
import type { TrackerDesk } from './desk.js';

interface Place {
  readonly project: string;
  readonly item: string;
}
type ItemRequest = FastifyRequest<{ Params: Place; Querystring: PageQuery; Body: Body }>;

export const PROJECT = '/api/v1/workspaces/:slug/projects/:project';
export const MISSING = { error: 'The requested resource does not exist.' };

export function itemRoutes(app: FastifyInstance, desk: TrackerDesk): void {
  app.get(`${PROJECT}/work-items/`, (request: ItemRequest, reply) => list(desk, request, reply));
  app.post(`${PROJECT}/work-items/`, (request: ItemRequest, reply) => create(desk, request, reply));
  app.get(`${PROJECT}/work-items/:item/`, (request: ItemRequest, reply) => read(desk, request, reply));
  app.patch(`${PROJECT}/work-items/:item/`, (request: ItemRequest, reply) => patch(desk, request, reply));
  app.delete(`${PROJECT}/work-items/:item/`, (request: ItemRequest, reply) => remove(desk, request, reply));
  app.get('/api/v1/workspaces/:slug/work-items/:item/', (request: ItemRequest, reply) =>
    readByKey(desk, request, reply),
  );
}

export function readerOf(desk: TrackerDesk, request: FastifyRequest): Reader {
  return { state: desk.state.value, offsetMinutes: accountOf(request).utcOffsetMinutes };
}

export function projectOf(desk: TrackerDesk, id: string): TrackerProject | undefined {
  return desk.state.value.projects.find((project) => project.id === id);
}

export function itemOf(desk: TrackerDesk, place: Place): Item | undefined {
  return desk.state.value.items.find(({ id, project }) => id === place.item && project === place.project);
}

/** Every parameter that is not named here is ignored: there is no filter by state, assignee or date. */
function list(desk: TrackerDesk, request: ItemRequest, reply: FastifyReply): FastifyReply {
  const { query, params } = request;
  if (!projectOf(desk, params.project)) return reply.code(404).send(MISSING);
  if (query['external_id'] && query['external_source']) {
    const single = sameExternal(desk.state.value.items, params.project, query);
    return single ? reply.send(shown(desk, request, single)) : reply.code(404).send(MISSING);
  }
  const items = desk.state.value.items.filter(({ project }) => project === params.project);
  const page = pageOf(ordered(items, query['order_by'] ?? '-created_at'), query, (item) => shown(desk, request, item));
  return reply.code(page.status).send(page.body);
}

function create(desk: TrackerDesk, request: ItemRequest, reply: FastifyReply): FastifyReply {
  const project = projectOf(desk, request.params.project);
  if (!project) return reply.code(404).send(MISSING);
  const outcome = desk.state.change((state) => createItem(state, project, accountOf(request), request.body ?? {}));
  if ('refused' in outcome) return reply.code(outcome.refused.status).send(outcome.refused.body);
  desk.outbox.wake();
  return reply.code(201).send(itemBody(readerOf(desk, request), outcome.item));
}

function read(desk: TrackerDesk, request: ItemRequest, reply: FastifyReply): FastifyReply {
  const item = itemOf(desk, request.params);
  return item ? reply.send(shown(desk, request, item)) : reply.code(404).send(MISSING);
}

function patch(desk: TrackerDesk, request: ItemRequest, reply: FastifyReply): FastifyReply {
  const item = itemOf(desk, request.params);
  if (!item) return reply.code(404).send(MISSING);
  const refused = desk.state.change((state) => patchItem(state, item, accountOf(request), request.body ?? {}));
  if (refused) return reply.code(refused.status).send(refused.body);
  const answer = itemBody(readerOf(desk, request), item);
  desk.state.change((state) => touch(state, item));
  desk.outbox.wake();
  return reply.send(answer);
}

/** Plane tells nobody: a deletion is seen only as a 404. */
function remove(desk: TrackerDesk, request: ItemRequest, reply: FastifyReply): FastifyReply {
  const item = itemOf(desk, request.params);
  if (!item) return reply.code(404).send(MISSING);
  desk.state.change((state) => deleteItem(state, item));
  return reply.code(204).send();
}

function readByKey(desk: TrackerDesk, request: ItemRequest, reply: FastifyReply): FastifyReply {
  const [, identifier, sequence] = /^(.+)-(\d+)$/.exec(request.params.item) ?? [];
  const project = desk.state.value.projects.find((candidate) => candidate.identifier === identifier);
  const item = desk.state.value.items.find((one) => one.project === project?.id && one.sequenceId === Number(sequence));
  return item ? reply.send(shown(desk, request, item)) : reply.code(404).send(MISSING);
}

function shown(desk: TrackerDesk, request: ItemRequest, item: Item): unknown {
  const whole = itemBody(readerOf(desk, request), item, request.query['expand']?.split(',').includes('state'));
  const fields = request.query['fields']?.split(',').map((field) => field.trim());
  return fields ? Object.fromEntries(Object.entries(whole).filter(([key]) => fields.includes(key))) : whole;
}

function ordered(items: readonly Item[], orderBy: string): readonly Item[] {
  const descending = orderBy.startsWith('-');
  const key = { created_at: 'createdAt', updated_at: 'updatedAt', sequence_id: 'sequenceId' }[
    orderBy.replace(/^-/, '')
  ];
  const field = (key ?? 'createdAt') as 'createdAt' | 'updatedAt' | 'sequenceId';
  return [...items].sort((a, b) => (descending ? b[field] - a[field] : a[field] - b[field]));
}

import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { accountOf } from './entrance.js';
import { itemOf, MISSING, PROJECT, projectOf, readerOf } from './item-routes.js';
import { sameExternal, touch, type Body } from './items.js';
import { pageOf, type PageQuery } from './paging.js';
import { activityBody, commentBody, stateBody, userBody } from './render.js';
import { nextStamp, type Account, type Comment, type Item, type TrackerState } from './state.js';
import type { TrackerDesk } from './desk.js';

type DetailRequest = FastifyRequest<{ Params: { project: string; item: string }; Querystring: PageQuery; Body: Body }>;

const ITEM = `${PROJECT}/work-items/:item`;

/** Statuses, comments, history and the account: everything beside the work items themselves. */
export function detailRoutes(app: FastifyInstance, desk: TrackerDesk): void {
  app.get('/api/v1/users/me/', (request: DetailRequest) => userBody(accountOf(request)));
  app.get(`${PROJECT}/`, (request: DetailRequest, reply) => project(desk, request, reply));
  app.get(`${PROJECT}/states/`, (request: DetailRequest, reply) => states(desk, request, reply));
  app.get(`${ITEM}/comments/`, (request: DetailRequest, reply) => comments(desk, request, reply));
  app.post(`${ITEM}/comments/`, (request: DetailRequest, reply) => addComment(desk, request, reply));
  app.get(`${ITEM}/activities/`, (request: DetailRequest, reply) => activities(desk, request, reply));
}

function project(desk: TrackerDesk, request: DetailRequest, reply: FastifyReply): FastifyReply {
  const found = projectOf(desk, request.params.project);
  if (!found) return reply.code(404).send(MISSING);
  const { id, name, identifier } = found;
  return reply.send({
    id,
    name,
    identifier,
    description: '',
    workspace: desk.state.value.workspaceId,
    archived_at: null,
  });
}

function states(desk: TrackerDesk, request: DetailRequest, reply: FastifyReply): FastifyReply {
  if (!projectOf(desk, request.params.project)) return reply.code(404).send(MISSING);
  const own = desk.state.value.statuses.filter((status) => status.project === request.params.project);
  const page = pageOf(own, request.query, (status) => stateBody(readerOf(desk, request), status));
  return reply.code(page.status).send(page.body);
}

function comments(desk: TrackerDesk, request: DetailRequest, reply: FastifyReply): FastifyReply {
  const item = itemOf(desk, request.params);
  if (!item) return reply.code(404).send(MISSING);
  const own = desk.state.value.comments.filter((comment) => comment.item === item.id).reverse();
  const page = pageOf(own, request.query, (comment) => commentBody(readerOf(desk, request), comment));
  return reply.code(page.status).send(page.body);
}

function addComment(desk: TrackerDesk, request: DetailRequest, reply: FastifyReply): FastifyReply {
  const item = itemOf(desk, request.params);
  if (!item) return reply.code(404).send(MISSING);
  const body = request.body ?? {};
  const own = desk.state.value.comments.filter((comment) => comment.item === item.id);
  const twin = sameExternal(own, item.project, body);
  const error = 'Work item comment with the same external id and external source already exists';
  if (twin) return reply.code(409).send({ error, id: twin.id });
  const comment = desk.state.change((state) => saveComment(state, item, accountOf(request), body));
  desk.outbox.wake();
  return reply.code(201).send(commentBody(readerOf(desk, request), comment));
}

function saveComment(state: TrackerState, item: Item, actor: Account, body: Body): Comment {
  const text = (key: string) => (typeof body[key] === 'string' ? body[key] : null);
  const comment = {
    ...{ id: randomUUID(), project: item.project, item: item.id, html: text('comment_html') ?? '<p></p>' },
    ...{ description: randomUUID(), createdAt: nextStamp(state), createdBy: actor.id },
    ...{ externalSource: text('external_source'), externalId: text('external_id') },
  };
  state.comments.push(comment);
  touch(state, item);
  if (state.webhookActive) {
    const about = { event: 'issue_comment' as const, action: 'created' as const, subject: comment.id, actor: actor.id };
    const change = { field: null, oldValue: null, newValue: null, body: null, attempts: 0, dueAt: Date.now() };
    state.outbox.push({ id: randomUUID(), ...about, ...change });
  }
  return comment;
}

function activities(desk: TrackerDesk, request: DetailRequest, reply: FastifyReply): FastifyReply {
  const item = itemOf(desk, request.params);
  if (!item) return reply.code(404).send(MISSING);
  const written = desk.state.value.activities.filter(({ at }) => at <= desk.history.until);
  const own = written.filter((activity) => activity.item === item.id);
  const page = pageOf(own, request.query, (activity) => activityBody(readerOf(desk, request), activity));
  return reply.code(page.status).send(page.body);
}

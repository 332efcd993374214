import type { FastifyInstance, FastifyReply } from 'fastify';
import { nextId, type ForgeDesk } from '../desk.js';
import { hookBody } from '../render.js';
import { forgeTime, type Hook, type Repository } from '../state.js';
import { inRepository, notFound, pageOf, refuse, REPO, textOf, type ForgeRequest } from './answers.js';

const PULL_REQUEST_EVENTS = [
  ...['pull_request', 'pull_request_assign', 'pull_request_label', 'pull_request_milestone', 'pull_request_comment'],
  ...['pull_request_review', 'pull_request_review_request', 'pull_request_sync'],
];

export const ALL_EVENTS = [
  ...['create', 'delete', 'push', 'status', 'workflow_job', 'workflow_run'],
  ...PULL_REQUEST_EVENTS,
];

export function hookRoutes(app: FastifyInstance, desk: ForgeDesk): void {
  app.get(
    `${REPO}/hooks`,
    inRepository(desk, (request, reply, repository) => {
      return pageOf(desk, request, reply, repository.hooks).map(hookBody);
    }),
  );
  app.post(
    `${REPO}/hooks`,
    inRepository(desk, (request, reply, repository) => add(desk, request, reply, repository)),
  );
  app.delete(
    `${REPO}/hooks/:index`,
    inRepository(desk, (request, reply, repository) => {
      const position = repository.hooks.findIndex(({ id }) => id === Number(request.params.index));
      if (position < 0) return notFound(desk, reply);
      desk.state.change(() => repository.hooks.splice(position, 1));
      return reply.code(204).send();
    }),
  );
}

function add(desk: ForgeDesk, request: ForgeRequest, reply: FastifyReply, repository: Repository): FastifyReply {
  const config = request.body?.['config'] as Readonly<Record<string, unknown>> | undefined;
  const url = textOf(config, 'url');
  if (url === null) return refuse(desk, reply, 422, 'Missing config option: url');
  const hook: Hook = {
    ...{ id: nextId(desk), url, secret: textOf(config, 'secret') ?? '', events: subscribed(request.body?.['events']) },
    // A hook is born inactive unless it is asked for otherwise.
    ...{ active: request.body?.['active'] === true, at: forgeTime() },
  };
  desk.state.change(() => repository.hooks.push(hook));
  return reply.code(201).send(hookBody(hook));
}

/** `pull_request` switches on every sub-event, `pull_request_only` the bare one; nothing at all means push. */
function subscribed(wanted: unknown): string[] {
  const names = Array.isArray(wanted) ? wanted.filter((name): name is string => typeof name === 'string') : [];
  if (names.length === 0) return ['push'];
  return [...new Set(names.flatMap(expanded))];
}

function expanded(name: string): readonly string[] {
  if (name === 'pull_request') return PULL_REQUEST_EVENTS;
  return name === 'pull_request_only' ? ['pull_request'] : [name];
}

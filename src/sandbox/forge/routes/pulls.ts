import type { FastifyInstance, FastifyReply } from 'fastify';
import { nextId, type ForgeDesk } from '../desk.js';
import { announcePull } from '../events.js';
import { pullBody } from '../pulls.js';
import { forgeTime, type Pull, type Repository } from '../state.js';
import {
  accountOf,
  inRepository,
  notFound,
  ofPull,
  pageOf,
  refuse,
  REPO,
  textOf,
  type ForgeRequest,
} from './answers.js';

export function pullRoutes(app: FastifyInstance, desk: ForgeDesk): void {
  app.get(
    `${REPO}/pulls`,
    inRepository(desk, (request, reply, repository) => list(desk, request, reply, repository)),
  );
  app.post(
    `${REPO}/pulls`,
    inRepository(desk, (request, reply, repository) => open(desk, request, reply, repository)),
  );
  app.get(
    `${REPO}/pulls/:index`,
    ofPull(desk, (_request, _reply, repository, pull) => pullBody(desk, repository, pull)),
  );
  app.patch(
    `${REPO}/pulls/:index`,
    ofPull(desk, (request, reply, repository, pull) => edit(desk, request, reply, { repository, pull })),
  );
  app.get(
    `${REPO}/pulls/:index/*`,
    inRepository(desk, (request, reply, repository) => {
      // `:index` is the base branch here. No state filter and no order: it may be an old, closed one.
      const { index: base, '*': head } = request.params;
      const pull = repository.pulls.find((candidate) => candidate.base === base && candidate.head === head);
      return pull ? pullBody(desk, repository, pull) : notFound(desk, reply);
    }),
  );
  app.get(
    `${REPO}/commits/:ref/pull`,
    inRepository(desk, (request, reply, repository) => {
      const pull = repository.pulls.find(({ mergeCommit }) => mergeCommit === request.params.ref);
      return pull ? pullBody(desk, repository, pull) : notFound(desk, reply);
    }),
  );
}

/** There is no filter by head, and without `state` there is none by state either. */
async function list(
  desk: ForgeDesk,
  request: ForgeRequest,
  reply: FastifyReply,
  repository: Repository,
): Promise<unknown> {
  const { state, base_branch: base, poster } = request.query;
  const wanted = repository.pulls.filter(
    (pull) =>
      (state !== 'open' && state !== 'closed' ? true : pull.state === state) &&
      (base === undefined || pull.base === base) &&
      (poster === undefined || pull.author === poster),
  );
  const page = pageOf(desk, request, reply, [...wanted].reverse());
  return Promise.all(page.map((pull) => pullBody(desk, repository, pull)));
}

async function open(
  desk: ForgeDesk,
  request: ForgeRequest,
  reply: FastifyReply,
  repository: Repository,
): Promise<unknown> {
  const base = textOf(request.body, 'base') ?? repository.defaultBranch;
  const head = textOf(request.body, 'head') ?? '';
  return desk.alone(repository, async () => {
    if (repository.refs[base] === undefined || repository.refs[head] === undefined) return notFound(desk, reply);
    if (base === head) {
      return refuse(desk, reply, 422, 'Invalid PullRequest: There are no changes between the head and the base');
    }
    const twin = repository.pulls.find((pull) => pull.state === 'open' && pull.base === base && pull.head === head);
    if (twin) return refuse(desk, reply, 409, existsMessage(repository, twin));
    const pull = addPull(desk, request, repository, { base, head });
    await desk.state.saved();
    await announcePull(desk, repository, pull, { action: 'opened', sender: pull.author });
    return reply.code(201).send(await pullBody(desk, repository, pull));
  });
}

/** `issue_id` in this text is the number of the pull request. */
function existsMessage(repository: Repository, pull: Pull): string {
  const where = `head_repo_id: ${repository.id}, base_repo_id: ${repository.id}`;
  const what = `id: ${pull.id}, issue_id: ${pull.number}, ${where}, head_branch: ${pull.head}, base_branch: ${pull.base}`;
  return `pull request already exists for these targets [${what}]`;
}

function addPull(
  desk: ForgeDesk,
  request: ForgeRequest,
  repository: Repository,
  branches: { readonly base: string; readonly head: string },
): Pull {
  const at = forgeTime();
  const id = nextId(desk);
  return desk.state.change(() => {
    const pull: Pull = {
      ...{ id, number: repository.nextNumber++, author: accountOf(request).login, ...branches },
      ...{ title: textOf(request.body, 'title') ?? branches.head, body: textOf(request.body, 'body') ?? '' },
      ...{ headSha: repository.refs[branches.head] ?? '', mergeBase: null, state: 'open', merged: false },
      ...{ mergeCommit: null, mergedBy: null, mergedAt: null, closedAt: null, createdAt: at, updatedAt: at },
      ...{ checkingUntil: Date.now() + desk.settings.mergeCheckMs, check: null, autoMerge: false, reviews: [] },
    };
    repository.pulls.push(pull);
    return pull;
  });
}

async function edit(
  desk: ForgeDesk,
  request: ForgeRequest,
  reply: FastifyReply,
  at: { readonly repository: Repository; readonly pull: Pull },
): Promise<unknown> {
  const { repository, pull } = at;
  const state = textOf(request.body, 'state');
  const turns = (state === 'open' || state === 'closed') && state !== pull.state && !pull.merged;
  desk.state.change(() => {
    pull.title = textOf(request.body, 'title') ?? pull.title;
    pull.body = textOf(request.body, 'body') ?? pull.body;
    pull.updatedAt = forgeTime();
    if (!turns) return;
    pull.state = state;
    pull.closedAt = state === 'closed' ? pull.updatedAt : null;
  });
  const action = !turns ? 'edited' : state === 'closed' ? 'closed' : 'reopened';
  await announcePull(desk, repository, pull, { action, sender: accountOf(request).login });
  return reply.code(201).send(await pullBody(desk, repository, pull));
}

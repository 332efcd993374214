import type { FastifyInstance } from 'fastify';
import type { ForgeDesk } from '../desk.js';
import { NO_COMMIT } from '../git/bare-repository.js';
import { observeBranches } from '../refs.js';
import { branchBody, repositoryBody, userBody, type Json } from '../render.js';
import type { Repository } from '../state.js';
import { accountOf, inRepository, notFound, pageOf, refuse, REPO, textOf, type ForgeRequest } from './answers.js';
import type { FastifyReply } from 'fastify';
import { SandboxBroken } from '../../sandbox-broken.js';

export function branchRoutes(app: FastifyInstance, desk: ForgeDesk): void {
  app.get('/api/v1/version', () => ({ version: '1.26.0+sandbox' }));
  app.get('/api/v1/user', (request) => userBody(desk, accountOf(request), 'own'));
  app.get(
    REPO,
    inRepository(desk, (_request, _reply, repository) => repositoryBody(desk, repository, 'write')),
  );
  app.get(
    `${REPO}/branches`,
    inRepository(desk, async (request, reply, repository) => {
      const names = pageOf(desk, request, reply, Object.keys(repository.refs));
      return Promise.all(names.map((name) => shown(desk, repository, name)));
    }),
  );
  app.post(
    `${REPO}/branches`,
    inRepository(desk, (request, reply, repository) => create(desk, request, reply, repository)),
  );
  app.get(
    `${REPO}/branches/*`,
    inRepository(desk, (request, reply, repository) => {
      const name = request.params['*'];
      return repository.refs[name] === undefined ? notFound(desk, reply) : shown(desk, repository, name);
    }),
  );
  app.delete(
    `${REPO}/branches/*`,
    inRepository(desk, (request, reply, repository) => remove(desk, request, reply, repository)),
  );
}

async function shown(desk: ForgeDesk, repository: Repository, name: string): Promise<Json> {
  const [commit] = await desk.git(repository).log([repository.refs[name] ?? ''], 1);
  if (!commit) throw new SandboxBroken(`branch ${name} of ${repository.name} points at nothing`);
  return branchBody(desk, repository, name, commit);
}

async function create(
  desk: ForgeDesk,
  request: ForgeRequest,
  reply: FastifyReply,
  repository: Repository,
): Promise<unknown> {
  const name = textOf(request.body, 'new_branch_name');
  if (name === null) return refuse(desk, reply, 422, '[NewBranchName]: Required');
  return desk.alone(repository, async () => {
    if (repository.refs[name] !== undefined) return refuse(desk, reply, 409, 'The branch already exists.');
    const from = textOf(request.body, 'old_ref_name') ?? repository.defaultBranch;
    const commit = await desk.git(repository).commit(from);
    // An unknown starting point is a 500 there, without a word.
    if (commit === null) return refuse(desk, reply, 500, '');
    await desk.git(repository).moveBranch(name, commit, NO_COMMIT);
    await observeBranches(desk, repository, accountOf(request).login);
    return reply.code(201).send(await shown(desk, repository, name));
  });
}

async function remove(
  desk: ForgeDesk,
  request: ForgeRequest,
  reply: FastifyReply,
  repository: Repository,
): Promise<unknown> {
  const name = request.params['*'];
  if (repository.refs[name] === undefined) return notFound(desk, reply, [`branch does not exist [name: ${name}]`]);
  if (name === repository.defaultBranch) {
    return refuse(desk, reply, 403, 'can not delete default or pull request target branch');
  }
  return desk.alone(repository, async () => {
    await desk.git(repository).deleteBranch(name);
    await observeBranches(desk, repository, accountOf(request).login);
    return reply.code(204).send();
  });
}

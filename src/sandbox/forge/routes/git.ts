import type { FastifyInstance, FastifyReply } from 'fastify';
import { PassThrough } from 'node:stream';
import { repositoryByName, type ForgeDesk } from '../desk.js';
import { askHttpBackend, wholeBody, type GitAnswer } from '../git/smart-http.js';
import { observeBranches } from '../refs.js';
import { notFound, type ForgeRequest } from './answers.js';
import { loginOf } from './entrance.js';

/** Git's smart protocol: the orchestrator clones and pushes here as it does with any forge. */
export async function gitRoutes(app: FastifyInstance, desk: ForgeDesk, root: string): Promise<void> {
  await app.register(async (scope) => {
    // The packs go to git as they come in.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
    const serve = (request: ForgeRequest, reply: FastifyReply) => answerGit(desk, root, request, reply);
    scope.get('/:owner/:repo/*', serve);
    scope.post('/:owner/:repo/*', serve);
  });
}

async function answerGit(desk: ForgeDesk, root: string, request: ForgeRequest, reply: FastifyReply): Promise<unknown> {
  const { owner, repo } = request.params;
  const repository = repo.endsWith('.git') ? repositoryByName(desk, owner, repo.slice(0, -4)) : undefined;
  if (!repository) return notFound(desk, reply);
  const login = loginOf(request);
  const isPush = request.method === 'POST' && request.params['*'] === 'git-receive-pack';
  const ask = () => {
    const [, query = ''] = request.url.split('?');
    const path = `/${repository.name}.git/${request.params['*']}`;
    return askHttpBackend({ raw: request.raw, root, path, query, login });
  };
  if (!isPush) return answerRead(await ask(), reply);
  // The pusher hears of success only when the forge itself knows what moved.
  return desk.alone(repository, async () => {
    const answer = await ask();
    const body = await wholeBody(answer);
    await observeBranches(desk, repository, login);
    return reply.code(answer.status).headers(answer.headers).send(body);
  });
}

function answerRead(answer: GitAnswer, reply: FastifyReply): FastifyReply {
  const body = new PassThrough();
  body.write(answer.first);
  answer.rest.pipe(body);
  return reply.code(answer.status).headers(answer.headers).send(body);
}

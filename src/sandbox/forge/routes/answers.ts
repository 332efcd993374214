import type { FastifyReply, FastifyRequest } from 'fastify';
import { repositoryByName, type ForgeDesk } from '../desk.js';
import type { ForgeAccount, Pull, Repository } from '../state.js';
import { SandboxBroken } from '../../sandbox-broken.js';

export const REPO = '/api/v1/repos/:owner/:repo';

export interface Params {
  readonly owner: string;
  readonly repo: string;
  readonly index: string;
  readonly ref: string;
  readonly '*': string;
}

export type ForgeRequest = FastifyRequest<{
  Params: Params;
  Querystring: Readonly<Record<string, string | undefined>>;
  Body: Readonly<Record<string, unknown>> | undefined;
}>;

declare module 'fastify' {
  interface FastifyRequest {
    forgeAccount?: ForgeAccount;
  }
}

type Answering = (request: ForgeRequest, reply: FastifyReply, repository: Repository) => unknown;
type AnsweringPull = (request: ForgeRequest, reply: FastifyReply, repository: Repository, pull: Pull) => unknown;

/** Without a repository that the account may see there is nothing to answer but 404. */
export function inRepository(desk: ForgeDesk, answer: Answering) {
  return async (request: ForgeRequest, reply: FastifyReply): Promise<unknown> => {
    const repository = repositoryByName(desk, request.params.owner, request.params.repo);
    return repository ? answer(request, reply, repository) : notFound(desk, reply);
  };
}

export function ofPull(desk: ForgeDesk, answer: AnsweringPull) {
  return inRepository(desk, (request, reply, repository) => {
    const pull = repository.pulls.find(({ number }) => number === Number(request.params.index));
    return pull ? answer(request, reply, repository, pull) : notFound(desk, reply);
  });
}

export function accountOf(request: FastifyRequest): ForgeAccount {
  if (!request.forgeAccount) throw new SandboxBroken('a request passed the entrance of the forge without an account');
  return request.forgeAccount;
}

export function notFound(desk: ForgeDesk, reply: FastifyReply, errors: readonly string[] | null = null): FastifyReply {
  return reply.code(404).send({ errors, message: 'not found', url: `${desk.baseUrl}/api/swagger` });
}

export function refuse(desk: ForgeDesk, reply: FastifyReply, status: number, message: string): FastifyReply {
  return reply.code(status).send({ message, url: `${desk.baseUrl}/api/swagger` });
}

/** 30 a page; whoever asks for more than 50 gets 50 without a word. */
export function pageOf<T>(
  desk: ForgeDesk,
  request: ForgeRequest,
  reply: FastifyReply,
  all: readonly T[],
): readonly T[] {
  const limit = Math.min(Math.max(Number(request.query['limit'] ?? 30) || 30, 1), 50);
  const page = Math.max(Number(request.query['page'] ?? 1) || 1, 1);
  const last = Math.max(1, Math.ceil(all.length / limit));
  void reply.header('X-Total-Count', String(all.length));
  if (page < last) {
    const link = (to: number, rel: string) => `<${pageUrl(desk, request, to)}>; rel="${rel}"`;
    void reply.header('Link', [link(page + 1, 'next'), link(last, 'last')].join(','));
  }
  void reply.header('Access-Control-Expose-Headers', page < last ? 'Link, X-Total-Count' : 'X-Total-Count');
  return all.slice((page - 1) * limit, page * limit);
}

export function textOf(body: Readonly<Record<string, unknown>> | undefined, key: string): string | null {
  const value = body?.[key];
  return typeof value === 'string' && value !== '' ? value : null;
}

function pageUrl(desk: ForgeDesk, request: ForgeRequest, page: number): string {
  const url = new URL(request.url, desk.baseUrl);
  url.searchParams.set('page', String(page));
  return url.toString();
}

import { basename } from 'node:path';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { tryScheduledMerges } from '../auto-merge.js';
import type { ForgeDesk } from '../desk.js';
import type { CommitFacts } from '../git/bare-repository.js';
import { apiUrl, repositoryBody, statusBody, webUrl } from '../render.js';
import type { Repository } from '../state.js';
import { combinedState, latestStatuses, reportStatus } from '../statuses.js';
import { accountOf, inRepository, notFound, pageOf, REPO, textOf, type ForgeRequest } from './answers.js';

export function commitRoutes(app: FastifyInstance, desk: ForgeDesk): void {
  app.get(
    `${REPO}/commits/:ref/status`,
    inRepository(desk, (request, reply, repository) => combined(desk, request, reply, repository)),
  );
  app.get(
    `${REPO}/commits/:ref/statuses`,
    inRepository(desk, (request, reply, repository) => history(desk, request, reply, repository)),
  );
  app.post(
    `${REPO}/statuses/:ref`,
    inRepository(desk, (request, reply, repository) => report(desk, request, reply, repository)),
  );
  app.get(
    `${REPO}/contents/*`,
    inRepository(desk, (request, reply, repository) => contents(desk, request, reply, repository)),
  );
}

/** Nobody has said anything: `state` is the empty string and `statuses` is null. */
async function combined(
  desk: ForgeDesk,
  request: ForgeRequest,
  reply: FastifyReply,
  repository: Repository,
): Promise<unknown> {
  const sha = await desk.git(repository).commit(request.params.ref);
  if (sha === null) return notFound(desk, reply);
  const latest = latestStatuses(repository, sha);
  const page = pageOf(desk, request, reply, latest).map((status) => statusBody(desk, repository, status));
  const commitUrl = `${apiUrl(desk, repository)}/commits/${sha}`;
  return {
    ...{ state: combinedState(latest), sha, total_count: latest.length, statuses: latest.length === 0 ? null : page },
    ...{ repository: repositoryBody(desk, repository, 'write'), commit_url: commitUrl, url: `${commitUrl}/status` },
  };
}

async function history(
  desk: ForgeDesk,
  request: ForgeRequest,
  reply: FastifyReply,
  repository: Repository,
): Promise<unknown> {
  const sha = await desk.git(repository).commit(request.params.ref);
  if (sha === null) return notFound(desk, reply);
  const all = repository.statuses.filter((status) => status.sha === sha).reverse();
  return pageOf(desk, request, reply, all).map((status) => statusBody(desk, repository, status));
}

async function report(
  desk: ForgeDesk,
  request: ForgeRequest,
  reply: FastifyReply,
  repository: Repository,
): Promise<unknown> {
  const sha = await desk.git(repository).commit(request.params.ref);
  if (sha === null) return notFound(desk, reply);
  const { body } = request;
  const status = await reportStatus(desk, repository, {
    ...{ sha, context: textOf(body, 'context') ?? 'default', state: textOf(body, 'state') ?? '' },
    ...{ description: textOf(body, 'description') ?? '', targetUrl: textOf(body, 'target_url') ?? '' },
    creator: accountOf(request).login,
  });
  void tryScheduledMerges(desk, repository);
  return reply.code(201).send(statusBody(desk, repository, status));
}

async function contents(
  desk: ForgeDesk,
  request: ForgeRequest,
  reply: FastifyReply,
  repository: Repository,
): Promise<unknown> {
  const git = desk.git(repository);
  const place = { ref: request.query['ref'] ?? repository.defaultBranch, path: request.params['*'] };
  const commit = await git.commit(place.ref);
  const found = commit === null ? null : await git.ask(['rev-parse', '--verify', '--quiet', `${commit}:${place.path}`]);
  if (commit === null || found?.code !== 0) return notFound(desk, reply);
  const sha = found.out.trim();
  const [last] = await git.log([commit, '--', place.path], 1);
  const blob = Buffer.from((await git.ask(['cat-file', 'blob', sha])).out);
  return {
    ...{ name: basename(place.path), path: place.path, sha, ...lastChange(last) },
    ...{ size: blob.length, type: 'file', encoding: 'base64', content: blob.toString('base64'), target: null },
    ...contentLinks(desk, repository, place, sha),
  };
}

function lastChange(commit: CommitFacts | undefined): Record<string, unknown> {
  const { id, timestamp } = commit ?? { id: '', timestamp: '' };
  return { last_commit_sha: id, last_committer_date: timestamp, last_author_date: timestamp };
}

function contentLinks(
  desk: ForgeDesk,
  repository: Repository,
  place: { readonly ref: string; readonly path: string },
  sha: string,
): Record<string, unknown> {
  const self = `${apiUrl(desk, repository)}/contents/${place.path}?ref=${place.ref}`;
  const html = `${webUrl(desk, repository)}/src/branch/${place.ref}/${place.path}`;
  const git = `${apiUrl(desk, repository)}/git/blobs/${sha}`;
  const raw = `${webUrl(desk, repository)}/raw/branch/${place.ref}/${place.path}`;
  const links = { url: self, html_url: html, git_url: git, download_url: raw };
  return { ...links, submodule_git_url: null, _links: { self, git, html } };
}

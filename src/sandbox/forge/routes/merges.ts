import type { FastifyInstance, FastifyReply } from 'fastify';
import { tryScheduledMerges } from '../auto-merge.js';
import type { ForgeDesk } from '../desk.js';
import { mergeBy, rebased } from '../git/merging.js';
import { mergePull, STYLES, type MergeOutcome, type MergeRequest } from '../merge.js';
import { observeBranches } from '../refs.js';
import type { Pull, Repository } from '../state.js';
import { accountOf, notFound, ofPull, refuse, REPO, textOf, type ForgeRequest } from './answers.js';

export function mergeRoutes(app: FastifyInstance, desk: ForgeDesk): void {
  const path = `${REPO}/pulls/:index/merge`;
  app.get(
    path,
    ofPull(desk, (_request, reply, _repository, pull) => {
      return pull.merged ? reply.code(204).send() : notFound(desk, reply);
    }),
  );
  app.post(
    path,
    ofPull(desk, (request, reply, repository, pull) => merge(desk, request, reply, { repository, pull })),
  );
  app.delete(
    path,
    ofPull(desk, (_request, reply, _repository, pull) => {
      if (!pull.autoMerge) return notFound(desk, reply);
      desk.state.change(() => (pull.autoMerge = false));
      return reply.code(204).send();
    }),
  );
  app.post(
    `${REPO}/pulls/:index/update`,
    ofPull(desk, (request, reply, repository, pull) => {
      return update(desk, request, reply, { repository, pull });
    }),
  );
}

interface Place {
  readonly repository: Repository;
  readonly pull: Pull;
}

async function merge(desk: ForgeDesk, request: ForgeRequest, reply: FastifyReply, at: Place): Promise<unknown> {
  const style = textOf(request.body, 'Do');
  if (style === null) return refuse(desk, reply, 422, '[Do]: Required');
  if (!STYLES.includes(style)) return refuse(desk, reply, 422, '[Do]: In');
  // Closed without a merge answers like one that does not exist.
  if (at.pull.state === 'closed' && !at.pull.merged) return notFound(desk, reply);
  const wish = mergeRequest(request, style);
  const outcome = await desk.alone(at.repository, () => mergePull(desk, at.repository, at.pull, wish));
  if (outcome.status === 201) void tryScheduledMerges(desk, at.repository);
  return answer(desk, reply, outcome);
}

function mergeRequest(request: ForgeRequest, style: string): MergeRequest {
  return {
    style,
    ...{ title: textOf(request.body, 'MergeTitleField'), message: textOf(request.body, 'MergeMessageField') },
    headCommit: textOf(request.body, 'head_commit_id'),
    mergeCommit: textOf(request.body, 'MergeCommitID'),
    whenChecksSucceed: request.body?.['merge_when_checks_succeed'] === true,
    deleteBranch: request.body?.['delete_branch_after_merge'] === true,
    login: accountOf(request).login,
  };
}

function answer(desk: ForgeDesk, reply: FastifyReply, outcome: MergeOutcome): FastifyReply {
  if ('empty' in outcome) return reply.code(outcome.status).send();
  if ('raw' in outcome) return reply.code(outcome.status).send(outcome.raw);
  return refuse(desk, reply, outcome.status, outcome.message);
}

/** Brings the head branch up to its base; a rebase gives it a new sha, and what was said about the old one does not count. */
async function update(desk: ForgeDesk, request: ForgeRequest, reply: FastifyReply, at: Place): Promise<unknown> {
  const { repository, pull } = at;
  // The odd text is real: a nil error is formatted.
  if (pull.state === 'closed') return refuse(desk, reply, 422, '%!s(<nil>)');
  const style = request.query['style'] === 'rebase' ? 'rebase' : 'merge';
  return desk.alone(repository, async () => {
    const base = repository.refs[pull.base] ?? '';
    const git = desk.git(repository);
    if (await git.contains(pull.headSha, base)) return refuse(desk, reply, 500, '');
    const { login, fullName: name, email } = accountOf(request);
    const message = `Merge branch '${pull.base}' into ${pull.head}`;
    const work = { message, person: { name, email } };
    const merged =
      style === 'rebase'
        ? await rebased(git, { ...work, base, head: pull.headSha })
        : await mergeBy('merge', git, { ...work, base: pull.headSha, head: base });
    if (merged.kind !== 'commit') return refuse(desk, reply, 409, `${style} failed because of conflict`);
    await git.moveBranch(pull.head, merged.commit, pull.headSha);
    await observeBranches(desk, repository, login);
    return reply.code(200).send();
  });
}

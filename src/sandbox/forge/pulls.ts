import { conflicts } from './git/merging.js';
import { accountByLogin, type ForgeDesk } from './desk.js';
import { repositoryBody, userBody, webUrl, type Json } from './render.js';
import type { Pull, Repository } from './state.js';

export type Mergeability = 'checking' | 'ancestor' | 'conflict' | 'mergeable';

/** What the asynchronous conflict check knows; it starts again with every push to head or base. */
export async function mergeabilityOf(desk: ForgeDesk, repository: Repository, pull: Pull): Promise<Mergeability> {
  const base = repository.refs[pull.base];
  if (base === undefined || Date.now() < pull.checkingUntil) return 'checking';
  if (await desk.git(repository).contains(base, pull.headSha)) return 'ancestor';
  return (await hasConflict(desk, repository, pull, base)) ? 'conflict' : 'mergeable';
}

async function hasConflict(desk: ForgeDesk, repository: Repository, pull: Pull, base: string): Promise<boolean> {
  const head = pull.headSha;
  if (pull.check?.head === head && pull.check.base === base) return pull.check.conflict;
  const conflict = await conflicts(desk.git(repository), base, head);
  desk.state.change(() => (pull.check = { head, base, conflict }));
  return conflict;
}

export function isDraft(pull: Pull): boolean {
  return /^(\[wip\]|wip:)/i.test(pull.title);
}

export async function pullBody(desk: ForgeDesk, repository: Repository, pull: Pull): Promise<Json> {
  const baseSha = repository.refs[pull.base] ?? '';
  const { mergeBase, additions, deletions, files } = await extentOf(desk, repository, pull, baseSha);
  const isFree = pull.state === 'closed' || (await mergeabilityOf(desk, repository, pull)) === 'mergeable';
  return {
    ...head(desk, repository, pull),
    ...{ additions, deletions, changed_files: files },
    ...urls(desk, repository, pull),
    ...{ mergeable: isFree && !isDraft(pull), merged: pull.merged, merged_at: pull.mergedAt },
    merge_commit_sha: pull.mergeCommit,
    merged_by: pull.mergedBy ? userBody(desk, accountByLogin(desk, pull.mergedBy), 'public') : null,
    allow_maintainer_edit: false,
    base: side(desk, repository, pull.base, baseSha),
    head: side(desk, repository, pull.head, pull.headSha),
    ...{ merge_base: mergeBase, due_date: null, created_at: pull.createdAt, updated_at: pull.updatedAt },
    ...{ closed_at: pull.closedAt, pin_order: 0 },
  };
}

async function extentOf(desk: ForgeDesk, repository: Repository, pull: Pull, baseSha: string) {
  const git = desk.git(repository);
  const mergeBase = pull.mergeBase ?? (await git.mergeBase(baseSha, pull.headSha));
  if (mergeBase === null) return { mergeBase: '', additions: 0, deletions: 0, files: 0 };
  return { mergeBase, ...(await git.diffSize(mergeBase, pull.headSha)) };
}

function head(desk: ForgeDesk, repository: Repository, pull: Pull): Json {
  const user = userBody(desk, accountByLogin(desk, pull.author), 'own');
  const url = `${webUrl(desk, repository)}/pulls/${pull.number}`;
  return {
    ...{ id: pull.id, url, number: pull.number, user, title: pull.title, body: pull.body },
    ...{ labels: [], milestone: null, assignee: null, assignees: [], requested_reviewers: [] },
    ...{ requested_reviewers_teams: [], state: pull.state, draft: isDraft(pull), is_locked: false },
    ...{ comments: 0, review_comments: 0 },
  };
}

function urls(desk: ForgeDesk, repository: Repository, pull: Pull): Json {
  const html = `${webUrl(desk, repository)}/pulls/${pull.number}`;
  return { html_url: html, diff_url: `${html}.diff`, patch_url: `${html}.patch` };
}

function side(desk: ForgeDesk, repository: Repository, ref: string, sha: string): Json {
  const repo = repositoryBody(desk, repository, 'write');
  return { label: ref, ref, sha, repo_id: repository.id, repo };
}

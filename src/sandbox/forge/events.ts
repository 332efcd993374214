import { accountByLogin, type ForgeDesk } from './desk.js';
import { NO_COMMIT } from './git/bare-repository.js';
import { pullBody } from './pulls.js';
import { actionsUserBody, commitBody, repositoryBody, userBody, webUrl, type Json } from './render.js';
import type { CommitStatus, Pull, Repository, Review } from './state.js';

/** A push shows at most five commits, newest first. */
const COMMITS_SHOWN = 5;

export interface RefMove {
  readonly branch: string;
  readonly before: string;
  readonly after: string;
  readonly pusher: string;
}

export async function announcePush(desk: ForgeDesk, repository: Repository, move: RefMove): Promise<void> {
  const git = desk.git(repository);
  const isNew = move.before === NO_COMMIT;
  const base = isNew
    ? await git.mergeBase(repository.refs[repository.defaultBranch] ?? move.after, move.after)
    : move.before;
  const range = base === null ? move.after : `${base}..${move.after}`;
  const commits = (await git.log([range], COMMITS_SHOWN)).map((commit) => commitBody(desk, repository, commit));
  const [newest] = await git.log([move.after], 1);
  const user = userBody(desk, accountByLogin(desk, move.pusher), 'public');
  emit(desk, repository, ['push', 'push'], {
    ...{ ref: `refs/heads/${move.branch}`, before: move.before, after: move.after },
    compare_url: `${webUrl(desk, repository)}/compare/${base ?? move.before}...${move.after}`,
    ...{ commits, total_commits: await git.count(range) },
    head_commit: newest ? commitBody(desk, repository, newest) : null,
    ...{ repository: repositoryBody(desk, repository, 'admin'), pusher: user, sender: user },
  });
}

export function announceCreation(desk: ForgeDesk, repository: Repository, move: RefMove): void {
  const sender = userBody(desk, accountByLogin(desk, move.pusher), 'public');
  const ref = { sha: move.after, ref: move.branch, ref_type: 'branch' };
  emit(desk, repository, ['create', 'create'], {
    ...ref,
    repository: repositoryBody(desk, repository, 'none'),
    sender,
  });
}

export function announceDeletion(desk: ForgeDesk, repository: Repository, move: RefMove): void {
  const sender = userBody(desk, accountByLogin(desk, move.pusher), 'public');
  const ref = { ref: move.branch, ref_type: 'branch', pusher_type: 'user' };
  emit(desk, repository, ['delete', 'delete'], {
    ...ref,
    repository: repositoryBody(desk, repository, 'none'),
    sender,
  });
}

export async function announcePull(
  desk: ForgeDesk,
  repository: Repository,
  pull: Pull,
  what: { readonly action: string; readonly sender: string },
): Promise<void> {
  const type = what.action === 'synchronized' ? 'pull_request_sync' : 'pull_request';
  emit(desk, repository, ['pull_request', type], {
    ...{ action: what.action, number: pull.number, pull_request: await pullBody(desk, repository, pull) },
    ...{ requested_reviewer: null, repository: repositoryBody(desk, repository, 'write') },
    ...{ sender: userBody(desk, accountByLogin(desk, what.sender), 'public'), commit_id: '', review: null },
  });
}

/** The reviewed commit is not in the body; whoever wants it reads the reviews. */
export async function announceReview(
  desk: ForgeDesk,
  repository: Repository,
  pull: Pull,
  review: Review,
): Promise<void> {
  const kind = { APPROVED: 'approved', REQUEST_CHANGES: 'rejected' }[review.state] ?? 'comment';
  const sender = userBody(desk, accountByLogin(desk, review.author), 'public');
  emit(desk, repository, [`pull_request_${kind}`, `pull_request_review_${kind}`], {
    ...{ action: 'reviewed', number: pull.number, pull_request: await pullBody(desk, repository, pull) },
    ...{ requested_reviewer: sender, repository: repositoryBody(desk, repository, 'write'), sender, commit_id: '' },
    review: { type: `pull_request_review_${kind}`, content: review.body },
  });
}

export async function announceStatus(desk: ForgeDesk, repository: Repository, status: CommitStatus): Promise<void> {
  const [commit] = await desk.git(repository).log([status.sha], 1);
  const { creator, targetUrl } = status;
  const sender = creator ? userBody(desk, accountByLogin(desk, creator), 'public') : actionsUserBody(desk);
  emit(desk, repository, ['status', 'status'], {
    ...{ commit: commit ? commitBody(desk, repository, commit) : null, context: status.context },
    ...{ created_at: status.at, description: status.description, id: status.id },
    ...{ repository: repositoryBody(desk, repository, 'admin'), sender, sha: status.sha, state: status.state },
    // A bare path in REST, a whole address here.
    ...{ target_url: targetUrl.startsWith('/') ? `${desk.baseUrl}${targetUrl}` : targetUrl, updated_at: status.at },
  });
}

/** The event and its finer type go into two headers, and hooks subscribe to the finer one. */
export function emit(desk: ForgeDesk, repository: Repository, names: readonly [string, string], payload: Json): void {
  const [event, eventType] = names;
  const body = JSON.stringify(payload, null, 2);
  const wanted = eventType.startsWith('pull_request_review_') ? 'pull_request_review' : eventType;
  for (const { url, secret, active, events } of repository.hooks) {
    if (active && events.includes(wanted)) desk.outbox.add({ url, secret, event, eventType, body });
  }
}

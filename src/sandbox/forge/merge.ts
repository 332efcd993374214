import { announcePull } from './events.js';
import { accountByLogin, type ForgeDesk } from './desk.js';
import { mergeBy, type Merged } from './git/merging.js';
import { isDraft, mergeabilityOf } from './pulls.js';
import { observeBranches } from './refs.js';
import { forgeTime, type Pull, type Repository } from './state.js';
import { combinedState, latestStatuses } from './statuses.js';

export const STYLES = ['merge', 'rebase', 'rebase-merge', 'squash', 'fast-forward-only', 'manually-merged'];

export interface MergeRequest {
  readonly style: string;
  readonly title: string | null;
  readonly message: string | null;
  readonly headCommit: string | null;
  /** Of a merge that git has made already. */
  readonly mergeCommit: string | null;
  readonly whenChecksSucceed: boolean;
  readonly deleteBranch: boolean;
  readonly login: string;
}

/** `message` is what the forge says; `raw` is a body without one; `empty` is no body at all. */
export type MergeOutcome =
  | { readonly status: number; readonly message: string }
  | { readonly status: number; readonly raw: Readonly<Record<string, unknown>> }
  | { readonly status: 200 | 201; readonly empty: true };

/** Alone in the repository. The answers and their order are Gitea's. */
export async function mergePull(
  desk: ForgeDesk,
  repository: Repository,
  pull: Pull,
  request: MergeRequest,
): Promise<MergeOutcome> {
  if (request.style === 'manually-merged') return markMerged(desk, repository, pull, request);
  const refusal = await refusalOf(desk, repository, pull);
  if (refusal) return refusal;
  if (request.whenChecksSucceed) return schedule(desk, pull);
  const blocked = await protectionRefusal(desk, repository, pull);
  if (blocked) return { status: 405, message: blocked };
  if (!repository.protection.mergeStyles.includes(request.style)) return styleRefused(request);
  if (request.headCommit !== null && request.headCommit !== pull.headSha)
    return { status: 409, message: 'head out of date' };
  return perform(desk, repository, pull, request);
}

function styleRefused({ style }: MergeRequest): MergeOutcome {
  return { status: 405, message: `${style} is not allowed an allowed merge style for this repository` };
}

/** Only writes down what git has done; neither checks nor protection are asked. */
async function markMerged(
  desk: ForgeDesk,
  repository: Repository,
  pull: Pull,
  request: MergeRequest,
): Promise<MergeOutcome> {
  if (pull.merged) return { status: 405, message: 'The PR is already merged' };
  if (!repository.protection.mergeStyles.includes(request.style)) return styleRefused(request);
  const base = repository.refs[pull.base] ?? '';
  const { mergeCommit: commit } = request;
  if (commit === null || !(await desk.git(repository).contains(base, commit))) return { status: 409, raw: {} };
  await land(desk, repository, pull, { base, commit, request });
  return { status: 200, empty: true };
}

async function refusalOf(desk: ForgeDesk, repository: Repository, pull: Pull): Promise<MergeOutcome | null> {
  if (pull.merged) return { status: 405, message: 'The PR is already merged' };
  if (isDraft(pull)) return { status: 405, message: 'Work in progress PRs cannot be merged' };
  const state = await mergeabilityOf(desk, repository, pull);
  const seenConflict = state === 'conflict' && desk.settings.conflictsAnswer === 405;
  if (state === 'mergeable' || (state === 'conflict' && !seenConflict)) return null;
  // The same answer for "still checking", "conflict" and "nothing to merge".
  return { status: 405, message: 'Please try again later' };
}

function schedule(desk: ForgeDesk, pull: Pull): MergeOutcome {
  const message = `pull request is already scheduled to auto merge when checks succeed [pull_id: ${pull.id}]`;
  if (pull.autoMerge) return { status: 409, message };
  desk.state.change(() => (pull.autoMerge = true));
  return { status: 201, empty: true };
}

async function protectionRefusal(desk: ForgeDesk, repository: Repository, pull: Pull): Promise<string | null> {
  const rule = repository.protection;
  const live = pull.reviews.filter(({ dismissed }) => !dismissed);
  const approvals = new Set(live.filter(({ state }) => state === 'APPROVED').map(({ author }) => author));
  if (!hasRequiredStatuses(repository, pull)) return 'Not all required status checks successful';
  if (approvals.size < rule.requiredApprovals) return 'Does not have enough approvals';
  if (rule.blockOnRejectedReviews && live.some(({ state }) => state === 'REQUEST_CHANGES')) {
    return 'There are requested changes';
  }
  const base = repository.refs[pull.base] ?? '';
  const isBehind = rule.blockOnOutdatedBranch && !(await desk.git(repository).contains(pull.headSha, base));
  return isBehind ? 'The head branch is behind the base branch' : null;
}

/** A required context that nobody ever reports holds a merge up for ever. */
function hasRequiredStatuses(repository: Repository, pull: Pull): boolean {
  const latest = latestStatuses(repository, pull.headSha);
  return repository.protection.statusContexts.every((pattern) => {
    const glob = new RegExp(`^${pattern.split('*').map(escapeRegExp).join('.*')}$`);
    const matching = latest.filter(({ context }) => glob.test(context));
    return combinedState(matching) === 'success';
  });
}

async function perform(
  desk: ForgeDesk,
  repository: Repository,
  pull: Pull,
  request: MergeRequest,
): Promise<MergeOutcome> {
  const base = repository.refs[pull.base] ?? '';
  const { fullName: name, email } = accountByLogin(desk, request.login);
  const work = { base, head: pull.headSha, message: messageOf(pull, request), person: { name, email } };
  const merged = await mergeBy(request.style, desk.git(repository), work);
  if (merged.kind === 'conflict') return conflictAnswer(request.style, merged);
  // The forge has no words for branches that diverged.
  if (merged.kind === 'diverged') return { status: 500, message: '' };
  const refusal = repository.protection.preReceiveRefusal;
  if (refusal !== null) return { status: 409, message: `PushRejected with remote message: ${refusal}` };
  const landed = await desk.git(repository).moveBranch(pull.base, merged.commit, base);
  if (!landed) return { status: 409, message: 'merge push out of date' };
  if (desk.faults.forgetsMerge()) {
    desk.state.change(() => (repository.refs[pull.base] = merged.commit));
    return { status: 500, message: '' };
  }
  await land(desk, repository, pull, { base, commit: merged.commit, request });
  return { status: 200, empty: true };
}

async function land(
  desk: ForgeDesk,
  repository: Repository,
  pull: Pull,
  landed: { readonly base: string; readonly commit: string; readonly request: MergeRequest },
): Promise<void> {
  const git = desk.git(repository);
  const mergeBase = await git.mergeBase(landed.base, pull.headSha);
  const { login, deleteBranch } = landed.request;
  const at = forgeTime();
  desk.state.change(() => {
    const closing = { state: 'closed' as const, closedAt: at, updatedAt: at, mergeBase, autoMerge: false };
    Object.assign(pull, closing, { merged: true, mergeCommit: landed.commit, mergedBy: login, mergedAt: at });
  });
  await observeBranches(desk, repository, login);
  await announcePull(desk, repository, pull, { action: 'closed', sender: login });
  if (!deleteBranch) return;
  await git.deleteBranch(pull.head);
  await observeBranches(desk, repository, login);
}

function conflictAnswer(style: string, merged: Extract<Merged, { kind: 'conflict' }>): MergeOutcome {
  const output = { StdOut: merged.output, StdErr: '', Err: {} };
  if (merged.commit === null) return { status: 409, raw: { Style: style, ...output } };
  return { status: 409, raw: { Style: style, CommitSHA: merged.commit, ...output } };
}

function messageOf(pull: Pull, request: MergeRequest): string {
  const plain = `Merge pull request '${pull.title}' (#${pull.number}) from ${pull.head} into ${pull.base}`;
  const title = request.title ?? (request.style === 'squash' ? `${pull.title} (#${pull.number})` : plain);
  return request.message ? `${title}\n\n${request.message}` : title;
}

function escapeRegExp(text: string): string {
  return text.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
}

import { fromIso, toIso } from '../../kernel/time.js';
import type { ForgeHook, PullRequest, Review } from '../forge.js';
import { numberIn, textIn, valueIn } from '../wire/untrusted.js';

const REVIEW_STATES: Readonly<Record<string, Review['state']>> = {
  APPROVED: 'approved',
  REQUEST_CHANGES: 'changes-requested',
};

/** Null for what is no pull request, whatever it may be. */
export function pullRequestIn(body: unknown): PullRequest | null {
  const number = numberIn(body, 'number');
  const [headBranch, headSha] = [textIn(body, 'head', 'ref'), textIn(body, 'head', 'sha')];
  const baseBranch = textIn(body, 'base', 'ref');
  if (number === null || headBranch === null || headSha === null || baseBranch === null) return null;
  const merged = valueIn(body, 'merged') === true;
  const state = valueIn(body, 'state') === 'open' ? 'open' : 'closed';
  // The server names a merge commit only after the merge; what it says before is of no use.
  const mergeCommit = merged ? textIn(body, 'merge_commit_sha') : null;
  return { number, headBranch, headSha, baseBranch, state, merged, mergeCommit };
}

/** A fork may use the name of our branch; its pull request is not ours. */
export function isFromFork(body: unknown): boolean {
  const [head, base] = [numberIn(body, 'head', 'repo_id'), numberIn(body, 'base', 'repo_id')];
  return head !== null && base !== null && head !== base;
}

export function reviewIn(body: unknown): Review {
  return {
    state: REVIEW_STATES[textIn(body, 'state') ?? ''] ?? 'other',
    reviewer: textIn(body, 'user', 'login') ?? textIn(body, 'team', 'name') ?? '',
    commit: textIn(body, 'commit_id') ?? '',
    dismissed: valueIn(body, 'dismissed') === true,
    at: timeIn(body, 'submitted_at'),
  };
}

export function listIn(body: unknown): readonly unknown[] | null {
  return Array.isArray(body) ? body : null;
}

export interface CommitStatus {
  readonly status: string;
  readonly at: string | null;
}

/** `statuses` is null, not empty, when there are none. */
export function statusesIn(body: unknown): readonly CommitStatus[] | null {
  const statuses = valueIn(body, 'statuses');
  if (statuses === null) return [];
  return Array.isArray(statuses) ? statuses.map(statusIn) : null;
}

function statusIn(body: unknown): CommitStatus {
  return { status: textIn(body, 'status') ?? '', at: timeIn(body, 'updated_at') };
}

/** Servers write times in their own zone. */
function timeIn(body: unknown, key: string): string | null {
  const ms = fromIso(textIn(body, key) ?? '');
  return Number.isNaN(ms) ? null : toIso(ms);
}

export function hookIn(body: unknown): ForgeHook {
  const events = valueIn(body, 'events');
  return {
    url: textIn(body, 'config', 'url') ?? '',
    active: valueIn(body, 'active') === true,
    events: Array.isArray(events) ? events.map(String) : [],
  };
}

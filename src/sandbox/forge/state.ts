import { randomBytes } from 'node:crypto';

export interface ForgeAccount {
  readonly id: number;
  readonly login: string;
  readonly fullName: string;
  readonly email: string;
  readonly token: string;
}

/** The conflict check of a pull request, run a moment after every push to its head or base. */
export interface PullCheck {
  readonly head: string;
  readonly base: string;
  readonly conflict: boolean;
}

export interface Pull {
  readonly id: number;
  readonly number: number;
  readonly author: string;
  title: string;
  body: string;
  readonly base: string;
  readonly head: string;
  /** As of the last look at the branch; a closed pull request keeps its last head. */
  headSha: string;
  /** Kept when it closes: afterwards git would answer with the head itself. */
  mergeBase: string | null;
  state: 'open' | 'closed';
  merged: boolean;
  mergeCommit: string | null;
  mergedBy: string | null;
  mergedAt: string | null;
  closedAt: string | null;
  readonly createdAt: string;
  updatedAt: string;
  /** Until then the conflict check is still running; milliseconds since the epoch. */
  checkingUntil: number;
  check: PullCheck | null;
  autoMerge: boolean;
  readonly reviews: Review[];
}

export interface Review {
  readonly id: number;
  readonly author: string;
  readonly state: string;
  readonly body: string;
  readonly commit: string;
  readonly submittedAt: string;
  dismissed: boolean;
}

export interface CommitStatus {
  /** Over all commits; REST shows the index within the commit. */
  readonly id: number;
  readonly index: number;
  readonly sha: string;
  readonly context: string;
  readonly state: string;
  readonly description: string;
  readonly targetUrl: string;
  /** Null for what the forge's own runner reports. */
  readonly creator: string | null;
  readonly at: string;
}

export interface Hook {
  readonly id: number;
  url: string;
  readonly secret: string;
  readonly events: readonly string[];
  readonly active: boolean;
  readonly at: string;
}

/** Switched on by code; off, the forge merges whatever has no conflict. */
export interface Protection {
  readonly requiredApprovals: number;
  readonly statusContexts: readonly string[];
  readonly blockOnRejectedReviews: boolean;
  readonly blockOnOutdatedBranch: boolean;
  readonly mergeStyles: readonly string[];
  /** What a pre-receive hook says instead of letting a merge pass. */
  readonly preReceiveRefusal: string | null;
}

export interface CiRun {
  readonly id: number;
  readonly sha: string;
  readonly branch: string;
  finished: boolean;
}

export interface Repository {
  readonly id: number;
  readonly name: string;
  readonly defaultBranch: string;
  readonly createdAt: string;
  /** Branch heads as last seen; what differs in git is news. */
  refs: Record<string, string>;
  readonly pulls: Pull[];
  readonly statuses: CommitStatus[];
  readonly hooks: Hook[];
  readonly ciRuns: CiRun[];
  protection: Protection;
  nextNumber: number;
}

export interface OutgoingHook {
  readonly id: string;
  readonly url: string;
  readonly secret: string;
  readonly event: string;
  readonly eventType: string;
  readonly body: string;
}

export interface ForgeState {
  readonly owner: string;
  readonly accounts: ForgeAccount[];
  readonly repositories: Repository[];
  nextId: number;
  outbox: OutgoingHook[];
}

export const UNPROTECTED: Protection = {
  requiredApprovals: 0,
  statusContexts: [],
  blockOnRejectedReviews: false,
  blockOnOutdatedBranch: false,
  mergeStyles: ['merge', 'rebase', 'rebase-merge', 'squash', 'fast-forward-only'],
  preReceiveRefusal: null,
};

export function newForge(owner: string, names: readonly string[]): ForgeState {
  const accounts = [account(7, 'delivery-bot', 'Delivery Bot'), account(3, 'alice', 'Alice Moreau')];
  const repositories = names.map((name, index) => newRepository(index + 1, name));
  return { owner, accounts, repositories, nextId: 100, outbox: [] };
}

/** Gitea's times have a resolution of one second. */
export function forgeTime(ms = Date.now()): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

function account(id: number, login: string, fullName: string): ForgeAccount {
  return { id, login, fullName, email: `${login}@example.com`, token: randomBytes(20).toString('hex') };
}

function newRepository(id: number, name: string): Repository {
  return {
    ...{ id, name, defaultBranch: 'main', createdAt: forgeTime(), refs: {}, pulls: [], statuses: [] },
    ...{ hooks: [], ciRuns: [], protection: UNPROTECTED, nextNumber: 1 },
  };
}

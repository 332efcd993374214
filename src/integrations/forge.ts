import type { HeldLease } from '../kernel/pipeline/held-lease.js';

/** The forge as the pipeline knows it. Adapters: `gitea/`. */
export const FORGE = Symbol('Forge');

export interface PullRequest {
  readonly number: number;
  readonly headBranch: string;
  readonly headSha: string;
  readonly baseBranch: string;
  readonly state: 'open' | 'closed';
  readonly merged: boolean;
  readonly mergeCommit: string | null;
}

/** `absent` (nobody has said anything) is not `failure` (WHG-08). */
export type CombinedStatus = 'absent' | 'pending' | 'success' | 'failure';

/** What all who report on a commit say together. */
export interface Checks {
  readonly status: CombinedStatus;
  /** When the newest of them was said, ISO-8601 UTC; null when nobody says so. */
  readonly changedAt: string | null;
}

export interface Review {
  readonly state: 'approved' | 'changes-requested' | 'other';
  readonly reviewer: string;
  /** The commit it was given for; compare with the head. */
  readonly commit: string;
  readonly dismissed: boolean;
  /** ISO-8601 UTC. */
  readonly at: string | null;
}

/** What an attempt to merge came to. Everything but `merged` leaves the default branch as it was, unless re-reading says otherwise. */
export type MergeAnswer =
  | { readonly kind: 'merged' }
  | { readonly kind: 'already-merged' }
  /** Mergeability is still computed, the base moved, …: the same call may succeed later. */
  | { readonly kind: 'not-yet'; readonly reason: string }
  /** Conflict, head moved, checks or approvals missing, style not allowed: a person or the pipeline has to act. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** Nobody knows (time-out, 5xx): read the pull request and git before anything else. */
  | { readonly kind: 'unknown'; readonly reason: string };

export interface Forge {
  /** The account that the orchestrator writes with. */
  ownLogin(): Promise<string>;
  /** Null when the branch does not exist. */
  branchHead(repo: string, branch: string): Promise<string | null>;
  /** The open pull request of exactly this head branch; adopts an existing one. */
  openPullRequest(
    repo: string,
    request: { readonly head: string; readonly base: string; readonly title: string; readonly body: string },
  ): Promise<PullRequest>;
  pullRequest(repo: string, number: number): Promise<PullRequest | null>;
  /** All pages, compared here: the forge ignores a head filter (MG-32). */
  pullRequestsOfBranch(repo: string, headBranch: string): Promise<readonly PullRequest[]>;
  reviews(repo: string, number: number): Promise<readonly Review[]>;
  combinedStatus(repo: string, sha: string): Promise<Checks>;
  /** In the lease's repository, and exactly this head. */
  merge(
    lease: HeldLease,
    request: { readonly number: number; readonly head: string; readonly title: string },
  ): Promise<MergeAnswer>;
  /**
   * For a change that is on the default branch as `commit` while its pull request is open: has the forge mark it merged, or closes it
   * where the repository does not allow that. Answers with what it is afterwards.
   */
  closeLanded(repo: string, landed: { readonly number: number; readonly commit: string }): Promise<'merged' | 'closed'>;
  /** What our account may do there, and who is told of what happens. Null when it does not see the repository. */
  access(repo: string): Promise<ForgeAccess | null>;
}

export interface ForgeAccess {
  readonly canPush: boolean;
  /** Null when our account may not see them. */
  readonly hooks: readonly ForgeHook[] | null;
}

export interface ForgeHook {
  readonly url: string;
  readonly active: boolean;
  readonly events: readonly string[];
}

/** What a webhook body says, before anything is believed. */
export type ForgeDelivery =
  | {
      readonly kind: 'branch-moved';
      readonly repo: string;
      readonly branch: string;
      readonly head: string;
      readonly actor: string;
    }
  | {
      readonly kind: 'checks-changed';
      readonly repo: string;
      readonly sha: string;
      readonly branch: string | null;
      readonly actor: string;
    }
  | {
      readonly kind: 'pull-request-changed';
      readonly repo: string;
      readonly number: number;
      readonly branch: string;
      readonly merged: boolean;
      readonly actor: string;
    }
  | { readonly kind: 'ignored'; readonly reason: string };

export class ForgeUnavailable extends Error {
  constructor(
    what: string,
    readonly retryAfterMs: number | null = null,
    options?: ErrorOptions,
  ) {
    super(`Forge: ${what}`, options);
    this.name = 'ForgeUnavailable';
  }
}

export class ForgeRefused extends Error {
  constructor(
    what: string,
    readonly status: number,
  ) {
    super(`Forge refused: ${what}`);
    this.name = 'ForgeRefused';
  }
}

import type { HeldLease } from '../kernel/pipeline/held-lease.js';

/** Git as the pipeline knows it: a bare mirror per repository, a worktree per task. Adapters: `git/`. */
export const WORKTREES = Symbol('Worktrees');

export interface WorktreeKey {
  readonly repo: string;
  readonly workItem: string;
  readonly branch: string;
}

/** A commit as verdicts are bound to it. */
export interface BranchState {
  readonly head: string;
  /** The tree without `docs/work-items/`: what CI, approvals and staging are bound to. */
  readonly codeTree: string;
}

export interface Artifact {
  /** Relative to the repository, `docs/work-items/<WI>/12-review.md`. */
  readonly path: string;
  /** SHA-256 of the content, hex. */
  readonly digest: string;
}

export interface Published extends BranchState {
  /** Artifacts of this work item that differ from those at `since`. */
  readonly artifacts: readonly Artifact[];
  /** False: the run left nothing to commit and had committed nothing. */
  readonly changed: boolean;
}

/** A branch as it would be on top of the default branch, whose head is `base`. Nothing is pushed yet. */
export type Rebase =
  /** It contains the default branch; the state is not that of the head that was asked for where an earlier catch-up was pushed. */
  | { readonly kind: 'current'; readonly base: string; readonly state: BranchState }
  /** The default branch contains it. */
  | { readonly kind: 'landed'; readonly base: string }
  /** `from` is what the forge has, and what a push may replace. */
  | { readonly kind: 'rebased'; readonly base: string; readonly from: string; readonly state: BranchState }
  | { readonly kind: 'conflict'; readonly base: string; readonly files: readonly string[] }
  /** Somebody pushed to it, or deleted it (null). */
  | { readonly kind: 'moved'; readonly head: string | null };

export interface Worktrees {
  /**
   * Idempotent: fetches, cuts the branch from a fresh `origin/<default branch>` unless it exists on the forge, and checks it out at
   * the branch's forge head. Answers with the directory and the state that a run starts from.
   */
  prepare(key: WorktreeKey): Promise<BranchState & { readonly directory: string }>;
  /** Commits what the run left, pushes with a lease on what the forge's branch was last seen at. Never the default branch. */
  publish(
    key: WorktreeKey,
    publication: { readonly since: string; readonly message: string; readonly author: string },
  ): Promise<Published>;
  /** Writes files into the worktree and publishes them. */
  publishFiles(key: WorktreeKey, files: Readonly<Record<string, string>>, message: string): Promise<Published>;
  /** The file as it is at a commit; null when it is not there. */
  fileAt(repo: string, commit: string, path: string): Promise<string | null>;
  /** Fetches first; null when it is not there. */
  fileOnDefaultBranch(repo: string, path: string): Promise<string | null>;
  filesAt(repo: string, commit: string, directory: string): Promise<readonly string[]>;
  /** Fetches first. Null when the branch does not exist on the forge. */
  branchState(repo: string, branch: string): Promise<BranchState | null>;
  stateOf(repo: string, commit: string): Promise<BranchState>;
  /** Fetches first: the commit by which the default branch came to contain this one; null when it does not. */
  landedAs(repo: string, commit: string): Promise<BranchState | null>;
  /** Fetches first: does the commit contain the default branch? */
  isUpToDate(repo: string, commit: string): Promise<boolean>;
  /** Fetches first: has the default branch the code that it had where the commit left it? Documents of work items move nothing. */
  isCodeUpToDate(repo: string, commit: string): Promise<boolean>;
  /** Fetches first: what a merge of the commit would bring to the default branch. */
  filesToLand(repo: string, commit: string): Promise<readonly string[]>;
  /** Fetches first: the files in which the commit conflicts with the default branch; empty where git can merge it. */
  conflictingFiles(repo: string, commit: string): Promise<readonly string[]>;
  /**
   * Fetches, and puts the branch's commits on top of the default branch. The same head on the same base always gives the same commit, so
   * that a rebase which was pushed before a crash is recognised as ours.
   */
  rebase(key: WorktreeKey, head: string): Promise<Rebase>;
  /** Brings the forge's branch from exactly `from` to `head`; never the default branch. */
  pushRebased(
    lease: HeldLease,
    key: WorktreeKey,
    rebase: { readonly from: string; readonly head: string },
  ): Promise<void>;
  /** A clean checkout of exactly one commit for a hook; removed by `removeCheckout`. */
  checkout(repo: string, commit: string, name: string): Promise<string>;
  removeCheckout(repo: string, name: string): Promise<void>;
  /** Removes the task's worktree, keeps the branch. */
  remove(key: WorktreeKey): Promise<void>;
}

/** Git or its remote failed in a way that may pass. */
export class GitUnavailable extends Error {
  constructor(what: string, options?: ErrorOptions) {
    super(`Git: ${what}`, options);
    this.name = 'GitUnavailable';
  }
}

/** The remote branch is not where we left it, or the remote refuses the push. */
export class PushRejected extends Error {
  constructor(
    readonly branch: string,
    readonly reason: string,
  ) {
    super(`Push of ${branch} was rejected: ${reason}`);
    this.name = 'PushRejected';
  }
}

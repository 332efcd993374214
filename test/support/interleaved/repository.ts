import { createHash } from 'node:crypto';
import type { Forge, MergeAnswer } from '../../../src/integrations/forge.js';
import {
  type BranchState,
  PushRejected,
  type Rebase,
  type WorktreeKey,
  type Worktrees,
} from '../../../src/integrations/worktrees.js';
import type { HeldLease } from '../../../src/kernel/pipeline/held-lease.js';

interface Commit extends BranchState {
  /** Which changes are in it; two commits with the same changes have the same code tree. */
  readonly code: readonly string[];
  readonly documents: ReadonlyMap<string, string>;
  /** Itself and all that came before. */
  readonly contains: ReadonlySet<string>;
}

interface Pull {
  readonly number: number;
  readonly branch: string;
  mergeCommit: string | null;
  mergedHead: string | null;
}

/** Whoever reaches out waits for its turn first. */
export type Reach = (what: string) => Promise<void>;

/** One repository with its default branch, feature branches and pull requests, as git and a forge know them. */
export class Repository {
  private readonly commits = new Map<string, Commit>();
  private readonly branches = new Map<string, Commit>();
  private readonly pulls: Pull[] = [];
  private readonly history: Commit[] = [];
  private made = 0;

  constructor() {
    this.history.push(this.commit([], new Map(), []));
  }

  get main(): Commit {
    const head = this.history.at(-1);
    if (!head) throw new Error('The default branch has no commit');
    return head;
  }

  treeOf(head: string): string {
    return this.known(head).codeTree;
  }

  headOf(branch: string): string | null {
    return this.branches.get(branch)?.head ?? null;
  }

  /** Somebody merges something else. */
  moveMain(change: string | null): void {
    const { code, documents, contains } = this.main;
    const added = change === null ? [] : [change];
    this.history.push(this.commit([...code, ...added], documents, contains, `main ${(this.made += 1)}`));
  }

  /** A run's work on the branch, which is cut from the default branch where it is new. */
  work(branch: string, change: string | null, documents: Readonly<Record<string, string>>): Commit {
    const from = this.branches.get(branch) ?? this.main;
    const code = change === null ? from.code : [...from.code, change];
    const written = new Map([...from.documents, ...Object.entries(documents)]);
    return this.put(branch, this.commit(code, written, from.contains, `work ${(this.made += 1)}`));
  }

  /** The open one of the branch, or a new one. */
  pullOf(branch: string): number {
    const open = this.pulls.find((pull) => pull.branch === branch && pull.mergeCommit === null);
    if (open) return open.number;
    this.pulls.push({ number: this.pulls.length + 1, branch, mergeCommit: null, mergedHead: null });
    return this.pulls.length;
  }

  /** Without what merges. */
  forge(reach: Reach): Forge {
    const forge = {
      combinedStatus: async () => ({ status: 'success', changedAt: null }),
      pullRequest: async (_repo: string, number: number) => {
        await reach('read the pull request');
        return this.pullRequest(this.pulls[number - 1]);
      },
      pullRequestsOfBranch: async (_repo: string, branch: string) => {
        await reach('read the pull requests');
        return this.pulls.filter((pull) => pull.branch === branch).map((pull) => this.pullRequest(pull));
      },
    };
    return forge as unknown as Forge;
  }

  /** As the forge does it, asked by whomever. */
  merge(number: number, head: string): MergeAnswer {
    const pull = this.pulls[number - 1];
    const branch = pull && this.branches.get(pull.branch);
    if (!pull || !branch || pull.mergeCommit !== null) return { kind: 'already-merged' };
    if (branch.head !== head) return { kind: 'refused', reason: 'head out of date' };
    const code = [...this.main.code, ...branch.code];
    const documents = new Map([...this.main.documents, ...branch.documents]);
    const contains = new Set([...this.main.contains, ...branch.contains]);
    this.history.push(this.commit(code, documents, contains, `merge of ${head}`));
    pull.mergeCommit = this.main.head;
    pull.mergedHead = head;
    return { kind: 'merged' };
  }

  worktrees(reach: Reach): Worktrees {
    const state = ({ head, codeTree }: Commit): BranchState => ({ head, codeTree });
    const worktrees = {
      prepare: async () => ({ directory: '/nowhere' }),
      remove: async () => undefined,
      removeCheckout: async () => undefined,
      checkout: async () => '/nowhere',
      fileAt: async (_repo: string, head: string, path: string) => this.known(head).documents.get(path) ?? null,
      stateOf: async (_repo: string, head: string) => state(this.known(head)),
      conflictingFiles: async () => [],
      branchState: async (_repo: string, branch: string) => {
        await reach('fetch the branch');
        const found = this.branches.get(branch);
        return found ? state(found) : null;
      },
      landedAs: async (_repo: string, head: string) => {
        await reach('fetch the default branch');
        const landed = this.history.find(({ contains }) => contains.has(head));
        return landed ? state(landed) : null;
      },
      isUpToDate: async (_repo: string, head: string) => {
        await reach('fetch the default branch');
        return this.known(head).contains.has(this.main.head);
      },
      isCodeUpToDate: async (_repo: string, head: string) => {
        await reach('fetch the default branch');
        return this.leftAt(head)?.codeTree === this.main.codeTree;
      },
      rebase: async (key: WorktreeKey, head: string) => {
        await reach('fetch and rebase');
        return this.rebase(key.branch, head);
      },
      pushRebased: async (lease: HeldLease, key: WorktreeKey, { from, head }: { from: string; head: string }) => {
        lease.assertHeld(key.repo);
        await reach('push the rebased branch');
        if (this.headOf(key.branch) !== from) throw new PushRejected(key.branch, 'stale');
        this.put(key.branch, this.known(head));
      },
      publishFiles: async (key: WorktreeKey, files: Readonly<Record<string, string>>) => {
        await reach('publish a log');
        const isThere = Object.entries(files).every(
          ([path, text]) => this.branches.get(key.branch)?.documents.get(path) === text,
        );
        const published = isThere ? this.branches.get(key.branch) : this.work(key.branch, null, files);
        const artifacts = Object.entries(files).map(([path, text]) => ({ path, digest: digestOf(text) }));
        return { ...state(published as Commit), artifacts, changed: !isThere };
      },
    };
    return worktrees as unknown as Worktrees;
  }

  private rebase(branch: string, head: string): Rebase {
    const base = this.main.head;
    const remote = this.branches.get(branch);
    if (!remote) return { kind: 'moved', head: null };
    if (this.main.contains.has(head)) return { kind: 'landed', base };
    const onTop = this.onTop(this.known(head));
    if (remote.head !== head && remote.head !== onTop.head) return { kind: 'moved', head: remote.head };
    if (remote.contains.has(base)) return { kind: 'current', base, state: remote };
    return { kind: 'rebased', base, from: remote.head, state: onTop };
  }

  /** Where the commit left the default branch. */
  private leftAt(head: string): Commit | undefined {
    const { contains } = this.known(head);
    return this.history.findLast((commit) => contains.has(commit.head));
  }

  private onTop(commit: Commit): Commit {
    const { main } = this;
    const documents = new Map([...main.documents, ...commit.documents]);
    return this.commit([...main.code, ...commit.code], documents, main.contains, `${commit.head} on ${main.head}`);
  }

  private pullRequest(pull: Pull | undefined) {
    if (!pull) return null;
    const { number, branch: headBranch, mergeCommit } = pull;
    const merged = mergeCommit !== null;
    const headSha = pull.mergedHead ?? this.headOf(headBranch);
    return { number, headBranch, headSha, baseBranch: 'main', state: merged ? 'closed' : 'open', merged, mergeCommit };
  }

  private put(branch: string, commit: Commit): Commit {
    this.branches.set(branch, commit);
    return commit;
  }

  private commit(
    changes: readonly string[],
    documents: Commit['documents'],
    before: Iterable<string>,
    name = 'root',
  ): Commit {
    const code = [...new Set(changes)].sort();
    const head = digestOf(`${name} ${code.join()}`).slice(0, 12);
    const commit = { head, codeTree: `tree of ${code.join()}`, code, documents, contains: new Set([...before, head]) };
    this.commits.set(head, commit);
    return commit;
  }

  private known(head: string): Commit {
    const found = this.commits.get(head);
    if (!found) throw new Error(`There is no commit ${head}`);
    return found;
  }
}

export function digestOf(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

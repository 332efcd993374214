import { mkdirSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { HeldLease } from '../../kernel/pipeline/held-lease.js';
import {
  type Artifact,
  type BranchState,
  GitUnavailable,
  type Published,
  PushRejected,
  type Rebase,
  type WorktreeKey,
  type Worktrees,
} from '../worktrees.js';
import { CodeTrees } from './code-tree.js';
import { conflictsBetween } from './merging/conflicts.js';
import { Git, GitFailed } from './git.js';
import { LinkedWorktree } from './linked-worktree.js';
import { Mirror } from './mirror.js';
import { segment, writeInside } from './places.js';
import {
  artifactAt,
  artifactsBetween,
  artifactsDirectory,
  authorFrom,
  commitLeftovers,
  push,
  replace,
} from './publication.js';
import { changedSinceDefault, hasCodeOfDefault, landingOf } from './merging/landing.js';
import { rebaseBranch, type RebasePlace } from './merging/rebasing.js';
import type { SecretScreen } from './screening/secret-screen.js';

export interface GitWorktreesOptions {
  readonly reposDir: string;
  readonly worktreesDir: string;
  cloneUrlOf(repo: string): string;
  defaultBranchOf(repo: string): string;
  /** Null: the clone addresses need none. */
  readonly token: string | null;
  readonly username: string;
  /** The committer of every commit that the orchestrator makes. */
  readonly authorName: string;
  readonly authorEmail: string;
  /** Null: whatever a run wrote is pushed. */
  readonly screen: SecretScreen | null;
}

export class GitWorktrees implements Worktrees {
  private readonly git = new Git();
  private readonly repositories = new Map<string, { readonly mirror: Mirror; readonly codeTrees: CodeTrees }>();

  private readonly worktreesDir: string;

  constructor(private readonly options: GitWorktreesOptions) {
    mkdirSync(options.worktreesDir, { recursive: true });
    // Git records where a worktree really is; a link on the way would make our name for it another one.
    this.worktreesDir = realpathSync(options.worktreesDir);
  }

  prepare(key: WorktreeKey): Promise<BranchState & { readonly directory: string }> {
    return this.exclusively(key.repo, async (mirror) => {
      await this.refuseDefaultBranch(mirror, key);
      const head = await this.recreate(mirror, key);
      return { ...(await this.stateIn(mirror, head)), directory: this.worktreeOf(mirror, key).directory };
    });
  }

  publish(
    key: WorktreeKey,
    publication: { readonly since: string; readonly message: string; readonly author: string },
  ): Promise<Published> {
    return this.exclusively(key.repo, async (mirror) => {
      await this.refuseDefaultBranch(mirror, key);
      const head = await this.commit(mirror, key, publication);
      await this.options.screen?.admit(mirror, { branch: key.branch, head, since: publication.since });
      await push(mirror, key.branch, head, publication.since);
      const artifacts = await artifactsBetween(mirror, key.workItem, publication.since, head);
      return { ...(await this.stateIn(mirror, head)), artifacts, changed: head !== publication.since };
    });
  }

  /** The files are named as artifacts whether or not they changed: a repeat after a lost answer says the same again. */
  publishFiles(key: WorktreeKey, files: Readonly<Record<string, string>>, message: string): Promise<Published> {
    return this.exclusively(key.repo, async (mirror) => {
      await this.refuseDefaultBranch(mirror, key);
      const since = await this.recreate(mirror, key);
      const worktree = this.worktreeOf(mirror, key);
      for (const [path, content] of Object.entries(files)) await writeInside(worktree.directory, path, content);
      const head = await this.commit(mirror, key, { message, author: this.options.authorName });
      await push(mirror, key.branch, head, since);
      const artifacts = await this.artifactsAmong(mirror, key, head, Object.keys(files));
      return { ...(await this.stateIn(mirror, head)), artifacts, changed: head !== since };
    });
  }

  async fileAt(repo: string, commit: string, path: string): Promise<string | null> {
    const { mirror } = await this.withCommit(repo, commit);
    const file = await mirror.read(`${commit}:${path}`);
    return file?.type === 'blob' ? file.bytes.toString('utf8') : null;
  }

  /** As the default branch was at the last fetch; null when it is not there. */
  async fileOnDefaultBranch(repo: string, path: string): Promise<string | null> {
    const head = await this.exclusively(repo, (mirror) => mirror.defaultHead());
    return this.fileAt(repo, head, path);
  }

  async filesAt(repo: string, commit: string, directory: string): Promise<readonly string[]> {
    const { mirror } = await this.withCommit(repo, commit);
    const below = `${directory.replace(/\/+$/, '')}/`;
    const listing = await mirror.run(['ls-tree', '-r', '-z', '--name-only', commit, '--', below]);
    return listing.text.split('\0').filter(Boolean);
  }

  branchState(repo: string, branch: string): Promise<BranchState | null> {
    return this.fetched(repo, async (mirror) => {
      const head = await mirror.forgeHead(branch);
      return head === null ? null : this.stateIn(mirror, head);
    });
  }

  async stateOf(repo: string, commit: string): Promise<BranchState> {
    const { mirror } = await this.withCommit(repo, commit);
    return this.stateIn(mirror, commit);
  }

  landedAs(repo: string, commit: string): Promise<BranchState | null> {
    return this.fetched(repo, async (mirror) => {
      const landed = await landingOf(mirror, commit);
      return landed === null ? null : this.stateIn(mirror, landed);
    });
  }

  isUpToDate(repo: string, commit: string): Promise<boolean> {
    return this.fetched(repo, async (mirror) => mirror.contains(commit, await mirror.defaultHead()));
  }

  isCodeUpToDate(repo: string, commit: string): Promise<boolean> {
    return this.fetched(repo, (mirror) => hasCodeOfDefault(mirror, this.repository(repo).codeTrees, commit));
  }

  filesToLand(repo: string, commit: string): Promise<readonly string[]> {
    return this.fetched(repo, (mirror) => changedSinceDefault(mirror, commit));
  }

  conflictingFiles(repo: string, commit: string): Promise<readonly string[]> {
    return this.fetched(repo, async (mirror) => conflictsBetween(mirror, await mirror.defaultHead(), commit));
  }

  rebase(key: WorktreeKey, head: string): Promise<Rebase> {
    return this.fetched(key.repo, async (mirror) => {
      await this.refuseDefaultBranch(mirror, key);
      const { authorName: name, authorEmail: email } = this.options;
      const place: RebasePlace = {
        mirror,
        worktree: this.checkoutOf(mirror, `rebase-${key.workItem}`),
        committer: { name, email },
        stateOf: (commit) => this.stateIn(mirror, commit),
      };
      return rebaseBranch(place, key.branch, head);
    });
  }

  pushRebased(
    lease: HeldLease,
    key: WorktreeKey,
    { from, head }: { readonly from: string; readonly head: string },
  ): Promise<void> {
    return this.exclusively(key.repo, async (mirror) => {
      await this.refuseDefaultBranch(mirror, key);
      lease.assertHeld(key.repo);
      await replace(mirror, key.branch, from, head);
    });
  }

  checkout(repo: string, commit: string, name: string): Promise<string> {
    return this.exclusively(repo, async (mirror) => {
      if (!(await mirror.has(commit))) await mirror.fetch();
      const checkout = this.checkoutOf(mirror, name);
      await checkout.recreate(commit, null);
      return checkout.directory;
    });
  }

  removeCheckout(repo: string, name: string): Promise<void> {
    return this.exclusively(repo, (mirror) => this.checkoutOf(mirror, name).remove());
  }

  remove(key: WorktreeKey): Promise<void> {
    return this.exclusively(key.repo, async (mirror) => {
      await this.worktreeOf(mirror, key).remove();
      // The only place where the mirror is packed: a task has ended and the repository is ours alone for the moment.
      await mirror.tidy();
    });
  }

  /** The worktree at the forge's branch, or at a fresh default branch where the forge has none yet. */
  private async recreate(mirror: Mirror, key: WorktreeKey): Promise<string> {
    await mirror.fetch();
    const head = (await mirror.forgeHead(key.branch)) ?? (await mirror.defaultHead());
    await this.worktreeOf(mirror, key).recreate(head, key.branch);
    return head;
  }

  private commit(
    mirror: Mirror,
    key: WorktreeKey,
    what: { readonly message: string; readonly author: string },
  ): Promise<string> {
    const committer = { name: this.options.authorName, email: this.options.authorEmail };
    return commitLeftovers(this.worktreeOf(mirror, key), key.workItem, {
      branch: key.branch,
      message: what.message,
      author: authorFrom(what.author, committer),
      committer,
    });
  }

  private artifactsAmong(
    mirror: Mirror,
    key: WorktreeKey,
    head: string,
    paths: readonly string[],
  ): Promise<readonly Artifact[]> {
    const own = paths.filter((path) => path.startsWith(`${artifactsDirectory(key.workItem)}/`));
    return Promise.all(own.map((path) => artifactAt(mirror, head, path)));
  }

  private async refuseDefaultBranch(mirror: Mirror, key: WorktreeKey): Promise<void> {
    const ref = `refs/heads/${key.branch}`;
    const valid = await mirror.run(['check-ref-format', ref], { answers: [0, 1] });
    if (valid.exitCode === 1) throw new PushRejected(key.branch, 'this is not a name that a branch can have');
    if (key.branch !== mirror.source.defaultBranch) return;
    throw new PushRejected(key.branch, `${key.workItem} may not work on the default branch of ${key.repo}`);
  }

  private async stateIn(mirror: Mirror, commit: string): Promise<BranchState> {
    return { head: commit, codeTree: await this.repository(mirror.source.repo).codeTrees.of(commit) };
  }

  private async withCommit(repo: string, commit: string): Promise<{ readonly mirror: Mirror }> {
    const { mirror } = this.repository(repo);
    if (await mirror.has(commit)) return { mirror };
    await this.exclusively(repo, () => mirror.fetch());
    if (await mirror.has(commit)) return { mirror };
    throw new GitUnavailable(`${repo} has no commit ${commit}, here or on the forge`);
  }

  private fetched<T>(repo: string, work: (mirror: Mirror) => Promise<T>): Promise<T> {
    return this.exclusively(repo, async (mirror) => {
      await mirror.fetch();
      return work(mirror);
    });
  }

  private async exclusively<T>(repo: string, work: (mirror: Mirror) => Promise<T>): Promise<T> {
    const { mirror } = this.repository(repo);
    try {
      return await mirror.exclusively(() => work(mirror));
    } catch (error) {
      throw error instanceof GitFailed ? mirror.unavailable('trouble with', error) : error;
    }
  }

  private repository(repo: string): { readonly mirror: Mirror; readonly codeTrees: CodeTrees } {
    const known = this.repositories.get(repo);
    if (known !== undefined) return known;
    const { reposDir, token, username } = this.options;
    const mirror = new Mirror(this.git, resolve(reposDir, `${segment('Repository', repo)}.git`), {
      repo,
      url: this.options.cloneUrlOf(repo),
      defaultBranch: this.options.defaultBranchOf(repo),
      credentials: token === null || token === '' ? null : { username, token },
    });
    const repository = { mirror, codeTrees: new CodeTrees(mirror) };
    this.repositories.set(repo, repository);
    return repository;
  }

  private worktreeOf(mirror: Mirror, key: WorktreeKey): LinkedWorktree {
    return this.linked(mirror, segment('Work item', key.workItem));
  }

  private checkoutOf(mirror: Mirror, name: string): LinkedWorktree {
    return this.linked(mirror, join('.checkouts', segment('Checkout', name)));
  }

  private linked(mirror: Mirror, place: string): LinkedWorktree {
    return new LinkedWorktree(this.git, mirror, join(this.worktreesDir, mirror.source.repo, place));
  }
}

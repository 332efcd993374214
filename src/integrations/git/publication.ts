import { createHash } from 'node:crypto';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Artifact, GitUnavailable, PushRejected } from '../worktrees.js';
import { GitFailed } from './git.js';
import type { LinkedWorktree } from './linked-worktree.js';
import type { Mirror } from './mirror.js';
import { classifyPushFailure } from './push-outcome.js';

/** Who stands behind the commits that the orchestrator makes. */
export interface Authorship {
  readonly name: string;
  readonly email: string;
}

/** `Name <address>`, or a name alone, which then signs with our address. */
export function authorFrom(author: string, fallback: Authorship): Authorship {
  const [, name, email] = /^\s*(.*?)\s*<([^<>]+)>\s*$/.exec(author) ?? [];
  if (name && email) return { name, email };
  return { name: author.replace(/[<>\n]/g, '').trim() || fallback.name, email: fallback.email };
}

export function artifactsDirectory(workItem: string): string {
  return `docs/work-items/${workItem}`;
}

/** Commits what lies in the worktree, if anything does, and answers with its head. */
export async function commitLeftovers(
  worktree: LinkedWorktree,
  workItem: string,
  commit: {
    readonly branch: string;
    readonly message: string;
    readonly author: Authorship;
    readonly committer: Authorship;
  },
): Promise<string> {
  await worktree.dropIndexLock();
  await refuseConflicts(worktree, commit.branch);
  await worktree.run(['add', '--all', '--', '.']);
  const artifacts = artifactsDirectory(workItem);
  // A project that ignores the folder would otherwise lose what its gates read.
  if (await isThere(join(worktree.directory, artifacts))) {
    await worktree.run(['add', '--all', '--force', '--', artifacts]);
  }
  const staged = await worktree.run(['diff', '--cached', '--quiet', 'HEAD'], { answers: [0, 1] });
  if (staged.exitCode === 1) await commitStaged(worktree, commit);
  return worktree.line(['rev-parse', 'HEAD']);
}

async function commitStaged(
  worktree: LinkedWorktree,
  commit: { readonly message: string; readonly author: Authorship; readonly committer: Authorship },
): Promise<void> {
  await worktree.run(['commit', '--quiet', '--no-verify', '--cleanup=whitespace', '--file=-'], {
    input: commit.message,
    env: {
      GIT_AUTHOR_NAME: commit.author.name,
      GIT_AUTHOR_EMAIL: commit.author.email,
      GIT_COMMITTER_NAME: commit.committer.name,
      GIT_COMMITTER_EMAIL: commit.committer.email,
    },
  });
}

/** A conflict that nobody resolved would be committed as text with markers in it. */
async function refuseConflicts(worktree: LinkedWorktree, branch: string): Promise<void> {
  const unmerged = (await worktree.run(['diff', '--name-only', '--diff-filter=U', '-z'])).text;
  const paths = [...new Set(unmerged.split('\0').filter(Boolean))];
  if (paths.length > 0)
    throw new PushRejected(branch, `unresolved merge conflicts in ${paths.slice(0, 10).join(', ')}`);
}

/**
 * Brings the forge's branch to `head`. The lease is what we last saw there, and only if it is part of what we push or is
 * where the run started: a commit that somebody else pushed meanwhile is never overwritten, although a fetch has shown it to us.
 */
export async function push(mirror: Mirror, branch: string, head: string, since: string): Promise<void> {
  const seen = await mirror.forgeHead(branch);
  if (seen !== null && seen !== since && !(await mirror.contains(head, seen))) {
    throw new PushRejected(branch, `the forge's branch is at ${seen}, which this work does not contain`);
  }
  await replace(mirror, branch, seen ?? '', head);
}

/** Moves the forge's branch from exactly there to exactly here, whatever git thinks of the way; empty: it is not there yet. */
export async function replace(mirror: Mirror, branch: string, from: string, head: string): Promise<void> {
  const ref = `refs/heads/${branch}`;
  const lease = `--force-with-lease=${ref}:${from}`;
  try {
    await mirror.runRemote(['push', '--porcelain', lease, mirror.source.url, `${head}:${ref}`]);
  } catch (error) {
    if (!(error instanceof GitFailed)) throw error;
    const failure = classifyPushFailure(error.stdout, error.stderr);
    if (failure.kind === 'rejected') throw new PushRejected(branch, mirror.withoutToken(failure.reason));
    throw mirror.unavailable('cannot push to', new GitFailed('push', error.exitCode, '', failure.reason));
  }
  await mirror.run(['update-ref', `refs/remotes/origin/${branch}`, head]);
}

/** The work item's files that differ between two commits and are still there. */
export async function artifactsBetween(
  mirror: Mirror,
  workItem: string,
  since: string,
  head: string,
): Promise<Artifact[]> {
  const args = ['diff-tree', '-r', '-z', '--name-only', '--no-renames', '--diff-filter=d', since, head, '--'];
  const changed = await mirror.run([...args, `${artifactsDirectory(workItem)}/`]);
  const paths = changed.text.split('\0').filter(Boolean);
  return Promise.all(paths.map((path) => artifactAt(mirror, head, path)));
}

export async function artifactAt(mirror: Mirror, commit: string, path: string): Promise<Artifact> {
  const file = await mirror.read(`${commit}:${path}`);
  if (file?.type !== 'blob') throw new GitUnavailable(`${path} is not a file of ${commit}`);
  return { path, digest: createHash('sha256').update(file.bytes).digest('hex') };
}

function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

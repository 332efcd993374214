import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BareRepository, Person } from './bare-repository.js';
import { askGit } from './git.js';

export type Merged =
  | { readonly kind: 'commit'; readonly commit: string }
  | { readonly kind: 'conflict'; readonly output: string; readonly commit: string | null }
  | { readonly kind: 'diverged' };

export interface MergeWork {
  readonly base: string;
  readonly head: string;
  readonly message: string;
  readonly person: Person;
}

/** Do the two sides conflict? Answered in memory, without a checkout. */
export async function conflicts(repository: BareRepository, base: string, head: string): Promise<boolean> {
  return (await repository.ask(['merge-tree', '--write-tree', base, head])).code !== 0;
}

export async function mergeBy(style: string, repository: BareRepository, work: MergeWork): Promise<Merged> {
  if (style === 'fast-forward-only') return fastForward(repository, work);
  if (style === 'rebase') return rebased(repository, work);
  if (style !== 'rebase-merge')
    return joined(repository, work, style === 'squash' ? [work.base] : [work.base, work.head]);
  const onTop = await rebased(repository, work);
  if (onTop.kind !== 'commit') return onTop;
  return joined(repository, { ...work, head: onTop.commit }, [work.base, onTop.commit]);
}

/** The head's commits again on top of base; needs a throw-away worktree, because git rebases only in one. */
export async function rebased(repository: BareRepository, work: MergeWork): Promise<Merged> {
  const directory = await mkdtemp(join(tmpdir(), 'sandbox-rebase-'));
  const env = identity(work.person);
  try {
    await repository.run(['worktree', 'add', '--detach', '--force', directory, work.head]);
    const outcome = await askGit(['rebase', work.base], { cwd: directory, env });
    if (outcome.code !== 0) {
      await askGit(['rebase', '--abort'], { cwd: directory, env });
      return { kind: 'conflict', output: `${outcome.out}${outcome.err}`, commit: work.head };
    }
    const head = await askGit(['rev-parse', 'HEAD'], { cwd: directory });
    return { kind: 'commit', commit: head.out.trim() };
  } finally {
    await rm(directory, { recursive: true, force: true });
    await repository.ask(['worktree', 'prune']);
  }
}

async function fastForward(repository: BareRepository, work: MergeWork): Promise<Merged> {
  const isAhead = await repository.contains(work.head, work.base);
  return isAhead ? { kind: 'commit', commit: work.head } : { kind: 'diverged' };
}

async function joined(repository: BareRepository, work: MergeWork, parents: readonly string[]): Promise<Merged> {
  const tree = await repository.ask(['merge-tree', '--write-tree', work.base, work.head]);
  const [treeId = '', ...rest] = tree.out.split('\n');
  if (tree.code !== 0) {
    const told = rest.filter((line) => /^(Auto-merging|CONFLICT)/.test(line));
    const output = [...told, 'Automatic merge failed; fix conflicts and then commit the result.', ''].join('\n');
    return { kind: 'conflict', output, commit: null };
  }
  const args = ['commit-tree', treeId, ...parents.flatMap((parent) => ['-p', parent]), '-m', work.message];
  return { kind: 'commit', commit: await repository.run(args, identity(work.person)) };
}

function identity(person: Person): Record<string, string> {
  const { name, email } = person;
  const author = { GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email };
  return { ...author, GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email };
}

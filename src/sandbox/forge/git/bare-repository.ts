import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { askGit, git } from './git.js';

export const NO_COMMIT = '0'.repeat(40);

export interface Person {
  readonly name: string;
  readonly email: string;
}

export interface CommitFacts {
  readonly id: string;
  readonly message: string;
  readonly author: Person;
  readonly committer: Person;
  readonly timestamp: string;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly modified: readonly string[];
}

/** A bare repository on disk, read and written with plumbing only: nothing here needs a checkout. */
export class BareRepository {
  constructor(readonly directory: string) {}

  run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
    return git(['--git-dir', this.directory, ...args], { env });
  }

  ask(args: readonly string[]) {
    return askGit(['--git-dir', this.directory, ...args]);
  }

  async branches(): Promise<Record<string, string>> {
    const lines = await this.run(['for-each-ref', '--format=%(refname:lstrip=2) %(objectname)', 'refs/heads']);
    return Object.fromEntries(
      lines
        .split('\n')
        .filter(Boolean)
        .map((line) => line.split(' ') as [string, string]),
    );
  }

  /** Null when the name leads to no commit. */
  async commit(name: string): Promise<string | null> {
    const found = await this.ask(['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`]);
    return found.code === 0 ? found.out.trim() : null;
  }

  async mergeBase(one: string, other: string): Promise<string | null> {
    const found = await this.ask(['merge-base', one, other]);
    return found.code === 0 ? found.out.trim() : null;
  }

  async contains(descendant: string, ancestor: string): Promise<boolean> {
    return (await this.ask(['merge-base', '--is-ancestor', ancestor, descendant])).code === 0;
  }

  async count(range: string): Promise<number> {
    return Number(await this.run(['rev-list', '--count', range]));
  }

  /** Fails when the branch is not where `expected` says it is. */
  async moveBranch(branch: string, to: string, expected: string): Promise<boolean> {
    return (await this.ask(['update-ref', `refs/heads/${branch}`, to, expected])).code === 0;
  }

  async deleteBranch(branch: string): Promise<void> {
    await this.run(['update-ref', '-d', `refs/heads/${branch}`]);
  }

  /** Newest first, as the forge lists them in a push. */
  async log(range: readonly string[], limit: number): Promise<readonly CommitFacts[]> {
    const format = '--format=%x1e%H%x1f%an%x1f%ae%x1f%cn%x1f%ce%x1f%cI%x1f%B%x1f';
    const text = await this.run(['log', `-${limit}`, '--name-status', '--no-renames', format, ...range]);
    return text.split('\x1e').slice(1).map(commitFacts);
  }

  async diffSize(base: string, head: string): Promise<{ additions: number; deletions: number; files: number }> {
    const text = await this.run(['diff', '--shortstat', base, head]);
    const number = (pattern: RegExp) => Number(pattern.exec(text)?.[1] ?? 0);
    return { additions: number(/(\d+) insertion/), deletions: number(/(\d+) deletion/), files: number(/(\d+) file/) };
  }

  /** Files of exactly one commit, without a `.git` beside them. */
  async export(commit: string, directory: string): Promise<void> {
    await mkdir(directory, { recursive: true });
    const env = { GIT_INDEX_FILE: join(directory, '.git-index') };
    await this.run(['read-tree', commit], env);
    await this.run(['--work-tree', directory, 'checkout-index', '--all'], env);
    await rm(env.GIT_INDEX_FILE, { force: true });
  }
}

function commitFacts(record: string): CommitFacts {
  const fields = record.split('\x1f');
  const field = (index: number) => fields[index] ?? '';
  const files = field(7)
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split('\t'));
  const pathsOf = (kind: string) => files.filter(([letter]) => letter === kind).map(([, path]) => path ?? '');
  return {
    ...{ id: field(0), message: field(6), author: { name: field(1), email: field(2) } },
    committer: { name: field(3), email: field(4) },
    timestamp: `${new Date(field(5)).toISOString().slice(0, 19)}Z`,
    ...{ added: pathsOf('A'), removed: pathsOf('D'), modified: pathsOf('M') },
  };
}

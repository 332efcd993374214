import { rmSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { GitWorktrees, type GitWorktreesOptions } from '../../../src/integrations/git/git-worktrees.js';

const PERSON = {
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.test',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.test',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
};

export async function git(cwd: string, ...args: string[]): Promise<string> {
  const { stdout } = await execa('git', args, { cwd, env: PERSON });
  return stdout;
}

export const KEY = { repo: 'sample', workItem: 'ET-001', branch: 'feature/ET-001' };

let template: Promise<ForgeRepository> | undefined;

/** A forge's bare repository, a person's clone of it, and a data folder of the orchestrator. */
export class ForgeRepository {
  private constructor(readonly root: string) {}

  /** A copy of one that is made once: every git of a test process costs more than all these files. */
  static async create(): Promise<ForgeRepository> {
    template ??= ForgeRepository.make();
    const repository = new ForgeRepository(await freshFolder());
    await cp((await template).root, repository.root, { recursive: true });
    return repository;
  }

  private static async make(): Promise<ForgeRepository> {
    const repository = new ForgeRepository(await freshFolder());
    process.once('exit', () => rmSync(repository.root, { recursive: true, force: true }));
    await git(repository.root, 'init', '--quiet', '--bare', '--template=', '-b', 'main', 'forge.git');
    await mkdir(join(repository.bare, 'hooks'));
    await git(repository.root, 'clone', '--quiet', '--template=', 'forge.git', 'person');
    await git(repository.person, 'remote', 'set-url', 'origin', '../forge.git');
    await repository.personPushes('main', { 'README.md': 'sample\n', 'src/app.js': 'one\n' });
    return repository;
  }

  get bare(): string {
    return join(this.root, 'forge.git');
  }

  get person(): string {
    return join(this.root, 'person');
  }

  get mirror(): string {
    return join(this.root, 'repos', 'sample.git');
  }

  worktrees(other: Partial<GitWorktreesOptions> = {}): GitWorktrees {
    return new GitWorktrees({
      reposDir: join(this.root, 'repos'),
      worktreesDir: join(this.root, 'worktrees'),
      cloneUrlOf: () => this.bare,
      defaultBranchOf: () => 'main',
      token: null,
      username: 'orchestrator',
      authorName: 'Orchestrator',
      authorEmail: 'orchestrator@example.test',
      screen: null,
      ...other,
    });
  }

  /** A person's commit on a branch of the forge; the branch is cut from main when it is new. */
  async personPushes(branch: string, files: Readonly<Record<string, string>>): Promise<string> {
    await git(this.person, 'fetch', '--quiet', '--prune');
    const there = await this.forgeHead(branch);
    const from = there === null ? ((await this.forgeHead('main')) ?? null) : `origin/${branch}`;
    await git(this.person, 'checkout', '--quiet', '-B', branch, ...(from === null ? [] : [from]));
    await write(this.person, files);
    await git(this.person, 'add', '-A');
    await git(this.person, 'commit', '--quiet', '-m', `work on ${branch}`);
    await git(this.person, 'push', '--quiet', 'origin', branch);
    return git(this.person, 'rev-parse', 'HEAD');
  }

  async forgeHead(branch: string): Promise<string | null> {
    const { stdout, exitCode } = await execa('git', ['rev-parse', '--verify', '--quiet', `refs/heads/${branch}`], {
      cwd: this.bare,
      reject: false,
    });
    return exitCode === 0 ? stdout : null;
  }

  async hook(script: string): Promise<void> {
    const path = join(this.bare, 'hooks', 'pre-receive');
    await write(this.bare, { 'hooks/pre-receive': `#!/bin/sh\n${script}\n` });
    await chmod(path, 0o755);
  }

  remove(): Promise<void> {
    return rm(this.root, { recursive: true, force: true });
  }
}

function freshFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'worktrees-')).then((folder) => realpath(folder));
}

export async function write(directory: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), content);
  }
}

import { mkdir, readFile, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { GitUnavailable } from '../worktrees.js';
import type { Git, GitAnswer, GitCall } from './git.js';
import type { Mirror } from './mirror.js';
import { ownerTag } from './orphans.js';

/** One worktree of a mirror, as a directory and as the mirror's record of it. */
export class LinkedWorktree {
  constructor(
    private readonly git: Git,
    private readonly mirror: Mirror,
    readonly directory: string,
  ) {}

  /**
   * Made anew every time. What an earlier run or a killed git left (half a checkout, `index.lock`, a rebase in progress,
   * ignored files) is gone with the directory, and no case has to be told from another.
   */
  async recreate(commit: string, branch: string | null): Promise<void> {
    await this.remove();
    await mkdir(dirname(this.directory), { recursive: true });
    const onto = branch === null ? ['--detach'] : ['-B', branch];
    await this.mirror.run(['worktree', 'add', '--quiet', '--force', ...onto, this.directory, commit]);
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true, maxRetries: 3 });
    for (const record of await this.records()) {
      // A record without its directory's name is half an `add` that was killed; nobody else is adding now.
      if (record.directory === null || record.directory === this.directory) {
        await rm(record.path, { recursive: true, force: true });
      }
    }
  }

  /**
   * Git inside the worktree. The mirror's record is named outright: the `.git` file lies where an agent writes and may
   * point anywhere by now.
   */
  async run(args: readonly string[], call: GitCall = {}): Promise<GitAnswer> {
    const gitDirectory = await this.record();
    return this.git.run(args, {
      ...call,
      cwd: this.directory,
      env: { ...call.env, ...ownerTag(this.mirror.directory), GIT_DIR: gitDirectory, GIT_WORK_TREE: this.directory },
    });
  }

  async line(args: readonly string[], call: GitCall = {}): Promise<string> {
    return (await this.run(args, call)).text.trim();
  }

  async dropIndexLock(): Promise<void> {
    await rm(join(await this.record(), 'index.lock'), { force: true });
  }

  private async record(): Promise<string> {
    const found = (await this.records()).find((record) => record.directory === this.directory);
    if (found !== undefined) return found.path;
    throw new GitUnavailable(`${this.directory} is not a worktree of ${this.mirror.source.repo}; prepare it first`);
  }

  private async records(): Promise<readonly { readonly path: string; readonly directory: string | null }[]> {
    const parent = join(this.mirror.directory, 'worktrees');
    const names = await readdir(parent).catch(() => []);
    return Promise.all(
      names.map(async (name) => {
        const path = join(parent, name);
        const link = await readFile(join(path, 'gitdir'), 'utf8').catch(() => '');
        return { path, directory: link.trim() === '' ? null : dirname(link.trim()) };
      }),
    );
  }
}

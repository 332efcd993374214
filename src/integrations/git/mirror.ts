import { mkdir, readFile, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { bulkhead } from 'cockatiel';
import writeFileAtomic from 'write-file-atomic';
import { GitUnavailable } from '../worktrees.js';
import { type Git, type GitAnswer, type GitCall, GitFailed } from './git.js';
import { ObjectReader, type GitObject } from './object-reader.js';
import { endOrphans, ownerTag } from './orphans.js';
import { type RemoteCredentials, remoteAccess } from './remote-access.js';

export interface MirrorSource {
  readonly repo: string;
  readonly url: string;
  readonly defaultBranch: string;
  readonly credentials: RemoteCredentials | null;
}

const REMOTE_TIMEOUT_MS = 180_000;
/** A lock as old as this was left by a git that was killed; no git of ours holds one of these for seconds. */
const STALE_LOCK_MS = 60_000;

/**
 * Written again before every use: linked worktrees share this file, and an agent's tools write to it (`core.hooksPath`,
 * `core.bare`, `url.*.insteadOf`). Nothing that an agent leaves here may steer what we run.
 */
const CONFIG = `[core]
	repositoryformatversion = 0
	filemode = true
	bare = true
	hooksPath = /dev/null
[gc]
	auto = 0
`;

/**
 * The bare parent of a repository's worktrees. The forge's branches are kept under `refs/remotes/origin`, the branches of
 * the worktrees under `refs/heads`, so that a fetch never moves a branch that is checked out.
 */
export class Mirror {
  private readonly turns = bulkhead(1, Number.MAX_SAFE_INTEGER);
  /** What a killed service left running is dealt with once, before the first work. */
  private inherited: Promise<void> | null = null;
  private readonly objects: ObjectReader;

  constructor(
    private readonly git: Git,
    readonly directory: string,
    readonly source: MirrorSource,
  ) {
    const args = [`--git-dir=${directory}`, 'cat-file', '--batch'];
    this.objects = new ObjectReader(() => git.converse(args, ownerTag(directory)));
  }

  /** One at a time: git's own locks guard files, not the worktree list or the meaning of a fetch. */
  exclusively<T>(work: () => Promise<T>): Promise<T> {
    return this.turns.execute(async () => {
      await this.ensure();
      return work();
    });
  }

  run(args: readonly string[], call: GitCall = {}): Promise<GitAnswer> {
    const env = { ...call.env, ...ownerTag(this.directory) };
    return this.git.run([`--git-dir=${this.directory}`, ...args], { ...call, env });
  }

  async line(args: readonly string[], call: GitCall = {}): Promise<string> {
    return (await this.run(args, call)).text.trim();
  }

  /** An object by any name that git knows, without a process of its own; null when it is not there. */
  read(name: string): Promise<GitObject | null> {
    return this.objects.read(name);
  }

  /** What is no longer reached is taken away once there is much of it. */
  async tidy(): Promise<void> {
    await this.run(['gc', '--auto', '--quiet'], { config: [['gc.auto', '6700']] });
    this.objects.end();
  }

  /** Talks to the forge; the only calls that can see the token. */
  runRemote(args: readonly string[]): Promise<GitAnswer> {
    return this.run(args, {
      ...remoteAccess(this.source.url, this.source.credentials),
      timeoutMs: REMOTE_TIMEOUT_MS,
    });
  }

  async fetch(): Promise<void> {
    const args = ['fetch', '--prune', '--force', '--quiet', '--no-tags', '--no-write-fetch-head', '--no-auto-gc'];
    try {
      await this.runRemote([...args, this.source.url, '+refs/heads/*:refs/remotes/origin/*']);
    } catch (error) {
      throw this.unavailable('cannot fetch', error);
    }
  }

  /** Where the forge's branch was last seen; null when it was not there. */
  async forgeHead(branch: string): Promise<string | null> {
    return (await this.read(`refs/remotes/origin/${branch}^{commit}`))?.id ?? null;
  }

  async defaultHead(): Promise<string> {
    const head = await this.forgeHead(this.source.defaultBranch);
    if (head !== null) return head;
    throw new GitUnavailable(`${this.source.repo} has no branch ${this.source.defaultBranch} on the forge`);
  }

  async has(commit: string): Promise<boolean> {
    // Before the first fetch there is no repository to ask.
    return (await exists(this.directory)) && (await this.read(`${commit}^{commit}`)) !== null;
  }

  async contains(container: string, commit: string): Promise<boolean> {
    const args = ['merge-base', '--is-ancestor', commit, container];
    return (await this.run(args, { answers: [0, 1, 128] })).exitCode === 0;
  }

  unavailable(what: string, error: unknown): GitUnavailable {
    if (error instanceof GitUnavailable) return error;
    const why = error instanceof GitFailed ? lastLines(error.stderr) : String(error);
    return new GitUnavailable(`${what} ${this.source.repo}: ${this.withoutToken(why)}`);
  }

  withoutToken(text: string): string {
    const token = this.source.credentials?.token;
    return token ? text.replaceAll(token, '***') : text;
  }

  private async ensure(): Promise<void> {
    this.inherited ??= endOrphans(this.directory);
    await this.inherited;
    if (!(await exists(join(this.directory, 'HEAD'))) || !(await exists(join(this.directory, 'objects')))) {
      await mkdir(this.directory, { recursive: true });
      await this.git.run(['init', '--bare', '--quiet', this.directory]);
      this.objects.end();
    }
    const path = join(this.directory, 'config');
    if ((await readFile(path, 'utf8').catch(() => '')) !== CONFIG) await writeFileAtomic(path, CONFIG);
    await dropStaleLocks(this.directory);
  }
}

async function dropStaleLocks(directory: string): Promise<void> {
  const refs = await readdir(join(directory, 'refs'), { recursive: true }).catch(() => []);
  const locks = ['packed-refs.lock', 'config.lock', 'HEAD.lock', ...refs.map((ref) => join('refs', ref))];
  for (const lock of locks.filter((name) => name.endsWith('.lock'))) {
    const path = join(directory, lock);
    const age = await stat(path).then(
      (found) => Date.now() - found.mtimeMs,
      () => 0,
    );
    if (age > STALE_LOCK_MS) await rm(path, { force: true });
  }
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-3).join(' · ');
}

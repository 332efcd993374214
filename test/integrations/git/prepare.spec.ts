import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { GitUnavailable, PushRejected } from '../../../src/integrations/worktrees.js';
import { until } from '../../support/until.js';
import { ForgeRepository, KEY, git, write } from './forge-repository.js';

let forge: ForgeRepository;
beforeEach(async () => {
  forge = await ForgeRepository.create();
});
afterEach(() => forge.remove());

describe('preparing a worktree', () => {
  test('a new branch starts at the default branch as it is now, not as it was at the last look [BR-03, BR-05]', async () => {
    const worktrees = forge.worktrees();
    await worktrees.branchState('sample', 'main');
    const fresh = await forge.personPushes('main', { 'src/app.js': 'two\n' });

    const prepared = await worktrees.prepare(KEY);

    expect(prepared.head).toBe(fresh);
    expect(await readFile(join(prepared.directory, 'src/app.js'), 'utf8')).toBe('two\n');
    expect(await git(prepared.directory, 'branch', '--show-current')).toBe(KEY.branch);
  });

  test('a branch that only exists here is not on the forge until it is published [BR-01, BR-08]', async () => {
    await forge.worktrees().prepare(KEY);
    expect(await forge.forgeHead(KEY.branch)).toBeNull();
  });

  test('a branch that the forge has is checked out at the head that the forge has [BR-06]', async () => {
    const pushed = await forge.personPushes(KEY.branch, { 'src/extra.js': 'x\n' });
    const prepared = await forge.worktrees().prepare(KEY);
    expect(prepared.head).toBe(pushed);
    expect(existsSync(join(prepared.directory, 'src/extra.js'))).toBe(true);
  });

  test('what an earlier run left, committed or not, ignored or not, is gone', async () => {
    const worktrees = forge.worktrees();
    const first = await worktrees.prepare(KEY);
    await write(first.directory, { '.gitignore': 'cache\n', 'cache/x': '1', 'src/app.js': 'broken\n' });
    await git(first.directory, 'commit', '--quiet', '-am', 'unpublished');

    const second = await worktrees.prepare(KEY);

    expect(second).toEqual(first);
    expect(await git(second.directory, 'status', '--porcelain', '--ignored')).toBe('');
    expect(await readFile(join(second.directory, 'src/app.js'), 'utf8')).toBe('one\n');
  });

  test('two tasks of one repository are prepared at the same time, each on its own branch', async () => {
    const worktrees = forge.worktrees();
    const keys = ['ET-001', 'ET-002', 'ET-003'].map((workItem) => ({
      ...KEY,
      workItem,
      branch: `feature/${workItem}`,
    }));
    const prepared = await Promise.all(keys.map((key) => worktrees.prepare(key)));
    const branches = await Promise.all(prepared.map(({ directory }) => git(directory, 'branch', '--show-current')));
    expect(branches).toEqual(keys.map((key) => key.branch));
    expect(new Set(prepared.map(({ directory }) => directory)).size).toBe(3);
  });

  test("the default branch is nobody's working branch", async () => {
    const preparing = forge.worktrees().prepare({ ...KEY, branch: 'main' });
    await expect(preparing).rejects.toThrow(PushRejected);
  });

  test('a name that leads out of its folder is refused', async () => {
    const worktrees = forge.worktrees();
    await expect(worktrees.prepare({ ...KEY, workItem: '../ET-001' })).rejects.toThrow('cannot be used as a path');
    await expect(worktrees.prepare({ ...KEY, repo: '..' })).rejects.toThrow('cannot be used as a path');
  });

  test('a forge that cannot be reached is trouble that may pass', async () => {
    const worktrees = forge.worktrees({ cloneUrlOf: () => join(forge.root, 'nowhere.git') });
    await expect(worktrees.prepare(KEY)).rejects.toThrow(GitUnavailable);
  });
});

describe('after a death in the middle', () => {
  test('half a worktree with a stale lock on its index is made anew', async () => {
    const { directory } = await forge.worktrees().prepare(KEY);
    const [record] = await readdir(join(forge.mirror, 'worktrees'));
    const recordPath = join(forge.mirror, 'worktrees', record ?? '');
    await writeFile(join(recordPath, 'index.lock'), '');
    await writeFile(join(recordPath, 'locked'), 'initializing');
    await rm(join(directory, '.git'));

    const again = await forge.worktrees().prepare(KEY);

    expect(again.directory).toBe(directory);
    expect(await git(directory, 'status', '--porcelain')).toBe('');
    expect(await readdir(join(forge.mirror, 'worktrees'))).toHaveLength(1);
  });

  test('a git that a killed service left at work is ended first, and the git of a living one is not', async () => {
    const { directory } = await forge.worktrees().prepare(KEY);
    const dead = spawn('true');
    await until(() => dead.exitCode === 0, 'the service is dead');
    const asGitOf = (owner: number | undefined, script: string): ChildProcess =>
      spawn('bash', ['-c', script], {
        env: { ...process.env, ORCH_GIT_MIRROR: forge.mirror, ORCH_GIT_OWNER: `${owner}` },
      });
    const orphan = asGitOf(dead.pid, `while :; do echo > ${directory}/late-$RANDOM; done`);
    const owned = asGitOf(process.pid, 'exec sleep 60');
    await until(() => readdirSync(directory).some((name) => name.startsWith('late-')), 'it writes');

    await forge.worktrees().prepare(KEY);

    expect(await git(directory, 'status', '--porcelain')).toBe('');
    await until(() => orphan.signalCode !== null, 'it has ended');
    expect(owned.signalCode).toBeNull();
    owned.kill('SIGKILL');
  });

  test('a record that was begun and never got its directory is cleared away', async () => {
    await forge.worktrees().branchState('sample', 'main');
    await write(join(forge.mirror, 'worktrees', 'ET-001'), { locked: 'initializing' });
    await forge.worktrees().prepare(KEY);
    expect(await readdir(join(forge.mirror, 'worktrees'))).toEqual(['ET-001']);
  });

  test('a rebase that a killed agent left open does not outlive it', async () => {
    const worktrees = forge.worktrees();
    const { directory } = await worktrees.prepare(KEY);
    await write(directory, { 'src/app.js': 'mine\n' });
    await git(directory, 'commit', '--quiet', '-am', 'mine');
    await forge.personPushes('main', { 'src/app.js': 'theirs\n' });
    await worktrees.branchState('sample', 'main');
    await expect(git(directory, 'rebase', '--quiet', 'origin/main')).rejects.toThrow();

    await worktrees.prepare(KEY);

    expect(await git(directory, 'status')).not.toContain('rebas');
  });

  test('a mirror whose making was cut short is completed', async () => {
    await write(forge.mirror, { HEAD: 'ref: refs/heads/main\n' });
    const { directory } = await forge.worktrees().prepare(KEY);
    expect(existsSync(join(directory, 'README.md'))).toBe(true);
  });

  test("settings that an agent's tools left in the shared configuration do not reach the next run", async () => {
    const worktrees = forge.worktrees();
    const { directory } = await worktrees.prepare(KEY);
    await git(directory, 'config', 'core.bare', 'false');
    await git(directory, 'config', 'core.hooksPath', '.husky');
    await git(directory, 'config', `url./nowhere.insteadOf`, forge.bare);

    await worktrees.prepare(KEY);

    expect(await readFile(join(forge.mirror, 'config'), 'utf8')).not.toMatch(/husky|insteadOf|bare = false/);
  });
});

describe('removing', () => {
  test('the worktree of an ended task goes, its branch stays', async () => {
    const worktrees = forge.worktrees();
    const { directory } = await worktrees.prepare(KEY);
    await worktrees.remove(KEY);
    await worktrees.remove(KEY);
    expect(existsSync(directory)).toBe(false);
    expect(await git(forge.mirror, 'branch', '--list', KEY.branch)).toContain(KEY.branch);
  });

  test('a checkout for a hook is exactly one commit, clean also the second time, and is removed', async () => {
    const worktrees = forge.worktrees();
    const commit = (await forge.forgeHead('main')) ?? '';
    const directory = await worktrees.checkout('sample', commit, 'deploy-7');
    await write(directory, { 'left-over': 'x' });
    await worktrees.checkout('sample', commit, 'deploy-7');
    expect(await git(directory, 'rev-parse', 'HEAD')).toBe(commit);
    expect(await git(directory, 'status', '--porcelain')).toBe('');
    await worktrees.removeCheckout('sample', 'deploy-7');
    expect(existsSync(directory)).toBe(false);
  });
});

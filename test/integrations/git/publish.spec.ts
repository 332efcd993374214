import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { GitUnavailable, PushRejected } from '../../../src/integrations/worktrees.js';
import { ForgeRepository, KEY, git, write } from './forge-repository.js';

let forge: ForgeRepository;
beforeEach(async () => {
  forge = await ForgeRepository.create();
});
afterEach(() => forge.remove());

const REVIEW = 'docs/work-items/ET-001/12-review.md';

function publication(since: string): { since: string; message: string; author: string } {
  return { since, message: 'ET-001: reviewer — review', author: 'reviewer' };
}

function digest(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}

describe('publishing a run', () => {
  test('what the agent left uncommitted is committed in its name by the orchestrator and is on the forge', async () => {
    const worktrees = forge.worktrees();
    const { directory, head } = await worktrees.prepare(KEY);
    await write(directory, { 'src/new file\n"ä".js': 'x\n', [REVIEW]: 'verdict\n' });

    const published = await worktrees.publish(KEY, publication(head));

    expect(await forge.forgeHead(KEY.branch)).toBe(published.head);
    const signature = await git(forge.bare, 'log', '-1', '--format=%s|%an|%cn', published.head);
    expect(signature).toBe('ET-001: reviewer — review|reviewer|Orchestrator');
    expect(published).toMatchObject({ changed: true, artifacts: [{ path: REVIEW, digest: digest('verdict\n') }] });
  });

  test('what the agent committed itself is published as it is', async () => {
    const worktrees = forge.worktrees();
    const { directory, head } = await worktrees.prepare(KEY);
    await write(directory, { [REVIEW]: 'verdict\n' });
    await git(directory, 'add', '-A');
    await git(directory, 'commit', '--quiet', '-m', 'own words');

    const published = await worktrees.publish(KEY, publication(head));

    expect(await git(forge.bare, 'log', '-1', '--format=%s|%an', KEY.branch)).toBe('own words|Ada');
    expect(published.artifacts).toHaveLength(1);
  });

  test('nothing to commit is fine and says so', async () => {
    const worktrees = forge.worktrees();
    const { head } = await worktrees.prepare(KEY);
    const published = await worktrees.publish(KEY, publication(head));
    expect(published).toMatchObject({ head, changed: false, artifacts: [] });
    expect(await forge.forgeHead(KEY.branch)).toBe(head);
  });

  test('only artifacts that this run changed and that are still there count', async () => {
    const folder = 'docs/work-items/ET-001';
    await forge.personPushes(KEY.branch, {
      [`${folder}/01-brd.md`]: 'a',
      [`${folder}/02-trz.md`]: 'b',
      'docs/work-items/ET-002/x': 'c',
    });
    const worktrees = forge.worktrees();
    const { directory, head } = await worktrees.prepare(KEY);
    await write(directory, {
      [`${folder}/02-trz.md`]: 'changed',
      [`${folder}/odd\tname.md`]: 'd',
      'docs/work-items/ET-002/x': 'e',
    });
    await git(directory, 'rm', '--quiet', `${folder}/01-brd.md`);

    const { artifacts } = await worktrees.publish(KEY, publication(head));

    expect(artifacts.map((artifact) => artifact.path)).toEqual([`${folder}/02-trz.md`, `${folder}/odd\tname.md`]);
  });

  test('artifacts are published even where the project ignores their folder', async () => {
    await forge.personPushes('main', { '.gitignore': 'docs\n' });
    const worktrees = forge.worktrees();
    const { directory, head } = await worktrees.prepare(KEY);
    await write(directory, { [REVIEW]: 'verdict\n' });
    expect((await worktrees.publish(KEY, publication(head))).artifacts).toHaveLength(1);
  });

  test('a conflict that nobody resolved is not published', async () => {
    const worktrees = forge.worktrees();
    const { directory, head } = await worktrees.prepare(KEY);
    await write(directory, { 'src/app.js': 'mine\n' });
    await git(directory, 'commit', '--quiet', '-am', 'mine');
    await forge.personPushes('main', { 'src/app.js': 'theirs\n' });
    await worktrees.branchState('sample', 'main');
    await expect(git(directory, 'merge', 'origin/main')).rejects.toThrow();
    await expect(worktrees.publish(KEY, publication(head))).rejects.toThrow('unresolved merge conflicts in src/app.js');
  });

  test('a git folder that the agent put in the way changes nothing', async () => {
    const worktrees = forge.worktrees();
    const { directory, head } = await worktrees.prepare(KEY);
    await write(directory, { '.git': 'gitdir: /nowhere\n', [REVIEW]: 'verdict\n' });
    expect((await worktrees.publish(KEY, publication(head))).artifacts).toHaveLength(1);
  });

  test('the default branch is never pushed', async () => {
    const worktrees = forge.worktrees();
    const { directory, head } = await worktrees.prepare(KEY);
    await write(directory, { 'src/app.js': 'changed\n' });
    await expect(worktrees.publish({ ...KEY, branch: 'main' }, publication(head))).rejects.toThrow(PushRejected);
    expect(await forge.forgeHead('main')).toBe(head);
  });

  test('a worktree that is not there cannot be published', async () => {
    const publishing = forge.worktrees().publish(KEY, publication((await forge.forgeHead('main')) ?? ''));
    await expect(publishing).rejects.toThrow(/is not a worktree of sample; prepare it first/);
  });
});

describe('the lease of a push', () => {
  test('a publication repeated after its answer was lost succeeds and says the same', async () => {
    const worktrees = forge.worktrees();
    const { directory, head } = await worktrees.prepare(KEY);
    await write(directory, { [REVIEW]: 'verdict\n' });
    await git(directory, 'add', '-A');
    await git(directory, 'commit', '--quiet', '-m', 'landed, but nobody heard of it');
    await git(directory, 'push', '--quiet', forge.bare, `HEAD:refs/heads/${KEY.branch}`);

    const first = await worktrees.publish(KEY, publication(head));
    const second = await forge.worktrees().publish(KEY, publication(head));

    expect(second).toEqual(first);
    expect(second).toMatchObject({ changed: true, artifacts: [{ path: REVIEW }] });
  });

  test('a commit that somebody pushed meanwhile is not overwritten', async () => {
    const worktrees = forge.worktrees();
    const { directory, head } = await worktrees.prepare(KEY);
    await write(directory, { 'src/app.js': 'ours\n' });
    const theirs = await forge.personPushes(KEY.branch, { 'src/app.js': 'theirs\n' });
    await expect(worktrees.publish(KEY, publication(head))).rejects.toThrow(PushRejected);
    expect(await forge.forgeHead(KEY.branch)).toBe(theirs);
  });

  test('a commit that a fetch has shown us meanwhile is not overwritten either', async () => {
    const worktrees = forge.worktrees();
    const { directory, head } = await worktrees.prepare(KEY);
    await write(directory, { 'src/app.js': 'ours\n' });
    const theirs = await forge.personPushes(KEY.branch, { 'src/app.js': 'theirs\n' });
    await worktrees.branchState('sample', KEY.branch);
    await expect(worktrees.publish(KEY, publication(head))).rejects.toThrow(`is at ${theirs}`);
    expect(await forge.forgeHead(KEY.branch)).toBe(theirs);
  });

  test('a run may rewrite its own branch when nobody else has touched it', async () => {
    await forge.personPushes(KEY.branch, { 'src/app.js': 'first try\n' });
    const worktrees = forge.worktrees();
    const { directory, head } = await worktrees.prepare(KEY);
    await git(directory, 'commit', '--quiet', '--amend', '-m', 'said better');
    const published = await worktrees.publish(KEY, publication(head));
    expect(await forge.forgeHead(KEY.branch)).toBe(published.head);
  });

  test("a refusal by the forge's hook carries the hook's words", async () => {
    await forge.hook('echo "secrets are not welcome" >&2; exit 1');
    const worktrees = forge.worktrees();
    const { directory, head } = await worktrees.prepare(KEY);
    await write(directory, { 'src/app.js': 'token\n' });
    const publishing = worktrees.publish(KEY, publication(head));
    await expect(publishing).rejects.toThrow(PushRejected);
    await expect(publishing).rejects.toThrow('secrets are not welcome');
  });

  test('a forge that is away during the push is trouble that may pass, and the next try lands', async () => {
    const worktrees = forge.worktrees();
    const { directory, head } = await worktrees.prepare(KEY);
    await write(directory, { 'src/app.js': 'changed\n' });
    const away = forge.worktrees({ cloneUrlOf: () => join(forge.root, 'nowhere.git') });
    await expect(away.publish(KEY, publication(head))).rejects.toThrow(GitUnavailable);
    const published = await worktrees.publish(KEY, publication(head));
    expect(await forge.forgeHead(KEY.branch)).toBe(published.head);
  });
});

describe('publishing files', () => {
  test('files of the orchestrator go to the branch, and a repeat names the same artifacts [ST-14, AMB-50]', async () => {
    const worktrees = forge.worktrees();
    const log = { 'docs/work-items/ET-001/14-deploy-log.md': 'SUCCESS\n' };
    const first = await worktrees.publishFiles(KEY, log, 'ET-001: deploy log');
    const second = await worktrees.publishFiles(KEY, log, 'ET-001: deploy log');
    expect(await forge.forgeHead(KEY.branch)).toBe(first.head);
    expect(second).toEqual({ ...first, changed: false });
    expect(first.artifacts).toEqual([{ path: Object.keys(log)[0], digest: digest('SUCCESS\n') }]);
  });

  test('a file that would land outside the worktree is refused', async () => {
    const worktrees = forge.worktrees();
    const publishing = worktrees.publishFiles(KEY, { '../../outside.md': 'x' }, 'out');
    await expect(publishing).rejects.toThrow('stay inside');
    expect(existsSync(join(forge.root, 'worktrees/outside.md'))).toBe(false);
  });
});

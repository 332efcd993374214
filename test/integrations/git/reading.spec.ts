import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { GitUnavailable } from '../../../src/integrations/worktrees.js';
import { ForgeRepository, KEY, git } from './forge-repository.js';

let forge: ForgeRepository;
beforeEach(async () => {
  forge = await ForgeRepository.create();
});
afterEach(() => forge.remove());

describe('the code tree', () => {
  test('commits that touch only docs/work-items leave it as it was', async () => {
    const before = await forge.personPushes(KEY.branch, { 'docs/guide.md': 'x' });
    const after = await forge.personPushes(KEY.branch, { 'docs/work-items/ET-001/12-review.md': 'verdict' });
    const worktrees = forge.worktrees();
    const [first, second] = [await worktrees.stateOf('sample', before), await worktrees.stateOf('sample', after)];
    expect(second.codeTree).toBe(first.codeTree);
    expect(first.head).not.toBe(second.head);
  });

  test('a folder docs that holds work items only counts as no folder at all', async () => {
    const before = (await forge.forgeHead('main')) ?? '';
    const after = await forge.personPushes(KEY.branch, { 'docs/work-items/ET-001/12-review.md': 'verdict' });
    const worktrees = forge.worktrees();
    const { codeTree } = await worktrees.stateOf('sample', after);
    expect(codeTree).toBe((await worktrees.stateOf('sample', before)).codeTree);
    expect(codeTree).toBe(await git(forge.bare, 'rev-parse', `${before}^{tree}`));
  });

  test('any other change gives another one, whatever the file is called', async () => {
    const worktrees = forge.worktrees();
    const seen = new Set<string>();
    for (const path of ['src/app.js', 'docs/other.md', 'odd\n"name"\t.txt', 'other/docs/work-items/x.md']) {
      const head = await forge.personPushes(KEY.branch, { [path]: `changed ${path}` });
      seen.add((await worktrees.stateOf('sample', head)).codeTree);
    }
    expect(seen.size).toBe(4);
  });
});

describe('reading from the mirror', () => {
  test('a file is read as it was at a commit, and is null where it was not', async () => {
    const head = await forge.personPushes(KEY.branch, { 'docs/work-items/ET-001/ü b.md': 'text\n' });
    const worktrees = forge.worktrees();
    expect(await worktrees.fileAt('sample', head, 'docs/work-items/ET-001/ü b.md')).toBe('text\n');
    expect(await worktrees.fileAt('sample', head, 'docs/none.md')).toBeNull();
    expect(await worktrees.fileAt('sample', head, 'docs')).toBeNull();
  });

  test('the files below a folder are listed with their whole paths', async () => {
    const head = await forge.personPushes(KEY.branch, {
      'docs/a/1.md': '1',
      'docs/a/b/2\n.md': '2',
      'docs/ab.md': '3',
    });
    expect(await forge.worktrees().filesAt('sample', head, 'docs/a')).toEqual(['docs/a/1.md', 'docs/a/b/2\n.md']);
  });

  test("the state of a branch is the forge's, and null where the forge has no such branch", async () => {
    const worktrees = forge.worktrees();
    expect(await worktrees.branchState('sample', KEY.branch)).toBeNull();
    const head = await forge.personPushes(KEY.branch, { x: 'y' });
    expect((await worktrees.branchState('sample', KEY.branch))?.head).toBe(head);
    await git(forge.bare, 'branch', '-D', KEY.branch);
    expect(await worktrees.branchState('sample', KEY.branch)).toBeNull();
  });

  test('a commit is in the default branch once it is merged there, and not before', async () => {
    const worktrees = forge.worktrees();
    const head = await forge.personPushes(KEY.branch, { x: 'y' });
    expect(await worktrees.landedAs('sample', head)).toBeNull();
    await git(forge.person, 'push', '--quiet', 'origin', `${head}:main`);
    expect(await worktrees.landedAs('sample', head)).toMatchObject({ head });
    expect(await worktrees.landedAs('sample', '0'.repeat(40))).toBeNull();
  });

  test('a commit landed as the merge that brought it in, whatever came to the default branch before and after', async () => {
    const worktrees = forge.worktrees();
    const head = await forge.personPushes(KEY.branch, { x: 'y' });
    await forge.personPushes('main', { before: '1' });
    await git(forge.person, 'checkout', '--quiet', '-B', 'main', 'origin/main');
    await git(forge.person, 'merge', '--quiet', '--no-ff', '-m', 'merge it', head);
    const merge = await git(forge.person, 'rev-parse', 'HEAD');
    await git(forge.person, 'push', '--quiet', 'origin', 'main');
    const after = await forge.personPushes('main', { after: '1' });
    expect(await worktrees.landedAs('sample', head)).toMatchObject({ head: merge });
    expect(await worktrees.landedAs('sample', after)).toMatchObject({ head: after });
  });

  test('documents of work items move no code of the default branch, and anything else does', async () => {
    const worktrees = forge.worktrees();
    const head = await forge.personPushes(KEY.branch, { 'src/app.js': 'two\n' });
    const stands = async () => [
      await worktrees.isUpToDate('sample', head),
      await worktrees.isCodeUpToDate('sample', head),
    ];
    expect(await stands()).toEqual([true, true]);
    await forge.personPushes('main', { 'docs/work-items/ET-000/16-post-deploy-log.md': 'HEALTHY\n' });
    expect(await stands()).toEqual([false, true]);
    expect(await worktrees.filesToLand('sample', head)).toEqual(['src/app.js']);
    await forge.personPushes('main', { 'docs/guide.md': 'guide\n' });
    expect(await stands()).toEqual([false, false]);
  });

  test('a commit that nobody has is trouble, not an empty answer', async () => {
    await expect(forge.worktrees().fileAt('sample', '1'.repeat(40), 'x')).rejects.toThrow(GitUnavailable);
  });

  test("a file of the default branch is read from there, not from the task's branch", async () => {
    const worktrees = forge.worktrees();
    await forge.personPushes(KEY.branch, { 'README.md': 'rewritten by the task\n' });
    await worktrees.prepare(KEY);
    expect(await worktrees.fileOnDefaultBranch('sample', 'README.md')).toBe('sample\n');
  });
});

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { PushRejected, type Rebase } from '../../../src/integrations/worktrees.js';
import { heldLease } from '../../support/held-lease.js';
import { ForgeRepository, KEY, git } from './forge-repository.js';

const LEASE = heldLease('sample');

let forge: ForgeRepository;
let judged: string;
beforeEach(async () => {
  forge = await ForgeRepository.create();
  judged = await forge.personPushes(KEY.branch, { 'src/app.js': 'two\n' });
});
afterEach(() => forge.remove());

function main(): Promise<string | null> {
  return forge.forgeHead('main');
}

function rebasedIn(rebase: Rebase): Extract<Rebase, { kind: 'rebased' }> {
  if (rebase.kind !== 'rebased') throw new Error(`The branch is ${rebase.kind}, not rebased`);
  return rebase;
}

/** The rebase of the judged head, pushed. */
async function caughtUp(worktrees = forge.worktrees()): Promise<Extract<Rebase, { kind: 'rebased' }>> {
  const rebase = rebasedIn(await worktrees.rebase(KEY, judged));
  await worktrees.pushRebased(LEASE, KEY, { from: rebase.from, head: rebase.state.head });
  return rebase;
}

describe('a branch that contains the default branch', () => {
  test('is left as it is [MG-11]', async () => {
    const answer = await forge.worktrees().rebase(KEY, judged);
    expect(answer).toMatchObject({ kind: 'current', base: await main(), state: { head: judged } });
  });

  test('that the default branch contains has landed [MG-34]', async () => {
    await git(forge.person, 'push', '--quiet', 'origin', `${judged}:main`);
    expect(await forge.worktrees().rebase(KEY, judged)).toEqual({ kind: 'landed', base: judged });
  });
});

describe('a branch that is behind the default branch', () => {
  let onto: string;
  beforeEach(async () => {
    onto = await forge.personPushes('main', { 'docs/guide.md': 'guide\n' });
  });

  test('is put on top of it, and nothing is pushed by that [MG-12, MG-14]', async () => {
    const rebase = rebasedIn(await forge.worktrees().rebase(KEY, judged));
    expect(rebase).toMatchObject({ base: onto, from: judged });
    expect([await main(), await forge.forgeHead(KEY.branch)]).toEqual([onto, judged]);
    const told = await git(forge.mirror, 'log', '--format=%s|%an|%cn', `${onto}..${rebase.state.head}`);
    expect(told).toBe(`work on ${KEY.branch}|Ada|Orchestrator`);
  });

  test('has another code tree afterwards, unless only documents of work items came in', async () => {
    const worktrees = forge.worktrees();
    const before = await worktrees.stateOf('sample', judged);
    expect(rebasedIn(await worktrees.rebase(KEY, judged)).state.codeTree).not.toBe(before.codeTree);
    await git(forge.person, 'push', '--quiet', '--force', 'origin', `${onto}~1:main`);
    await forge.personPushes('main', { 'docs/work-items/ET-000/14-deploy-log.md': 'SUCCESS\n' });
    const rebase = rebasedIn(await worktrees.rebase(KEY, judged));
    expect(rebase.state.codeTree).toBe(before.codeTree);
    expect(rebase.state.head).not.toBe(judged);
  });

  test('pushed, is where the forge has it, and the default branch did not move', async () => {
    const { state } = await caughtUp();
    expect([await main(), await forge.forgeHead(KEY.branch)]).toEqual([onto, state.head]);
  });

  test('gives the same commit whoever rebases it and whenever', async () => {
    const first = rebasedIn(await forge.worktrees().rebase(KEY, judged));
    const second = rebasedIn(await forge.worktrees({ reposDir: join(forge.root, 'elsewhere') }).rebase(KEY, judged));
    expect(second.state).toEqual(first.state);
  });

  test('and was pushed before a crash is recognised as ours, and is up to date [MG-15, SC-13]', async () => {
    const { state } = await caughtUp();
    expect(await forge.worktrees().rebase(KEY, judged)).toEqual({ kind: 'current', base: onto, state });
  });

  test('and was pushed before a crash is caught up once more when the default branch moved since', async () => {
    const { state } = await caughtUp();
    const later = await forge.personPushes('main', { 'docs/guide.md': 'another guide\n' });
    expect(await forge.worktrees().rebase(KEY, judged)).toMatchObject({
      kind: 'rebased',
      base: later,
      from: state.head,
    });
  });

  test('loses the commits that came in by another way', async () => {
    await git(forge.person, 'checkout', '--quiet', '--detach', 'origin/main');
    await git(forge.person, 'cherry-pick', judged);
    await git(forge.person, 'push', '--quiet', 'origin', 'HEAD:main');
    const rebase = rebasedIn(await forge.worktrees().rebase(KEY, judged));
    expect(rebase.state.head).toBe(await main());
  });

  test('leaves no checkout behind', async () => {
    await forge.worktrees().rebase(KEY, judged);
    expect(await git(forge.mirror, 'worktree', 'list', '--porcelain')).not.toContain('rebase-');
    expect(existsSync(join(forge.root, 'worktrees/sample/.checkouts/rebase-ET-001'))).toBe(false);
  });
});

describe('a branch that conflicts with the default branch', () => {
  beforeEach(() => forge.personPushes('main', { 'src/app.js': 'three\n', 'src/other.js': 'new\n' }));

  test('names the files, and the forge keeps what it has [UNK-23]', async () => {
    const before = [await main(), await forge.forgeHead(KEY.branch)];
    const answer = await forge.worktrees().rebase(KEY, judged);
    expect(answer).toMatchObject({ kind: 'conflict', base: before[0], files: ['src/app.js'] });
    expect([await main(), await forge.forgeHead(KEY.branch)]).toEqual(before);
  });

  test('that one side deleted is named too', async () => {
    await git(forge.person, 'checkout', '--quiet', '-B', 'main', 'origin/main');
    await git(forge.person, 'rm', '--quiet', 'src/app.js');
    await git(forge.person, 'commit', '--quiet', '-m', 'drop the app');
    await git(forge.person, 'push', '--quiet', 'origin', 'main');
    expect(await forge.worktrees().rebase(KEY, judged)).toMatchObject({ kind: 'conflict', files: ['src/app.js'] });
  });

  test('can be rebased once the conflict is resolved, after one that failed', async () => {
    const worktrees = forge.worktrees();
    await worktrees.rebase(KEY, judged);
    await git(forge.person, 'checkout', '--quiet', '-B', KEY.branch, 'origin/main');
    await git(forge.person, 'push', '--quiet', '--force', 'origin', `${KEY.branch}~0:${KEY.branch}`);
    const resolved = await forge.personPushes(KEY.branch, { 'src/app.js': 'two and three\n' });
    expect(await worktrees.rebase(KEY, resolved)).toMatchObject({ kind: 'current', state: { head: resolved } });
  });
});

describe('a branch that somebody else pushed to', () => {
  beforeEach(() => forge.personPushes('main', { 'docs/guide.md': 'guide\n' }));

  test('is not touched, and says where it is', async () => {
    const theirs = await forge.personPushes(KEY.branch, { 'src/more.js': 'more\n' });
    expect(await forge.worktrees().rebase(KEY, judged)).toEqual({ kind: 'moved', head: theirs });
  });

  test('or deleted says that it is gone', async () => {
    await git(forge.person, 'push', '--quiet', 'origin', '--delete', KEY.branch);
    expect(await forge.worktrees().rebase(KEY, judged)).toEqual({ kind: 'moved', head: null });
  });

  test('between rebase and push keeps what they pushed: the lease on the expected commit is refused', async () => {
    const worktrees = forge.worktrees();
    const rebase = rebasedIn(await worktrees.rebase(KEY, judged));
    const theirs = await forge.personPushes(KEY.branch, { 'src/more.js': 'more\n' });
    const push = worktrees.pushRebased(LEASE, KEY, { from: rebase.from, head: rebase.state.head });
    await expect(push).rejects.toThrow(PushRejected);
    expect(await forge.forgeHead(KEY.branch)).toBe(theirs);
  });
});

describe('the push of a rebased branch', () => {
  beforeEach(() => forge.personPushes('main', { 'docs/guide.md': 'guide\n' }));

  test('that a hook of the forge rejects says what the hook said', async () => {
    await forge.hook('echo "history is not rewritten here" >&2; exit 1');
    await expect(caughtUp()).rejects.toThrow('history is not rewritten here');
    expect(await forge.forgeHead(KEY.branch)).toBe(judged);
  });

  test('of which the answer was lost can be made again', async () => {
    const worktrees = forge.worktrees();
    const { from, state } = await caughtUp(worktrees);
    await worktrees.pushRebased(LEASE, KEY, { from, head: state.head });
    expect(await forge.forgeHead(KEY.branch)).toBe(state.head);
  });

  test('never goes to the default branch [INV-03, MG-14]', async () => {
    const worktrees = forge.worktrees();
    const before = await main();
    const onMain = { ...KEY, branch: 'main' };
    await expect(worktrees.rebase(onMain, judged)).rejects.toThrow('may not work on the default branch');
    const push = worktrees.pushRebased(LEASE, onMain, { from: before ?? '', head: judged });
    await expect(push).rejects.toThrow('may not work on the default branch');
    expect(await main()).toBe(before);
  });
});

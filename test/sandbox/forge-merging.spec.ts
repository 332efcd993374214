import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { SandboxInTest } from '../support/sandbox/sandbox-in-test.js';
import { until } from '../support/until.js';
import { WorkingCopy } from '../support/sandbox/working-copy.js';

let world: SandboxInTest;
let copy: WorkingCopy;

beforeEach(async () => {
  world = await SandboxInTest.start({ forge: { mergeCheckMs: 50 } });
  copy = await WorkingCopy.clone(cloneUrl(), world.sandbox.tokens.forgeBot);
});
afterEach(async () => {
  await copy.remove();
  await world.end();
});

const cloneUrl = () => `${world.sandbox.forgeUrl}/${world.sandbox.owner}/${world.sandbox.repo}.git`;
const promotion = (code: string, percent: number) =>
  `export const promotion = { code: '${code}', title: '${code}', percent: ${percent}, round: 1 };\n`;

async function openPull(branch: string, file = `src/promotions/${branch}.js`, text = promotion(branch, 5)) {
  const head = await copy.pushBranch(branch, { [file]: text });
  const { body } = await world.forge('POST', '/pulls', { base: 'main', head: branch, title: `Add ${branch}` });
  return { head, number: body.number as number };
}

async function merge(number: number, head: string, extra: object = {}) {
  return world.forge('POST', `/pulls/${number}/merge`, { Do: 'merge', head_commit_id: head, ...extra });
}

async function isMergeable(number: number): Promise<boolean> {
  return (await world.forge('GET', `/pulls/${number}`)).body.mergeable as boolean;
}

describe('merging', () => {
  test('right after it was opened a pull request is still being checked', async () => {
    world.sandbox.forge.settings.mergeCheckMs = 60_000;
    const { number, head } = await openPull('sbx-1');
    const early = await merge(number, head);
    expect([early.status, early.body.message]).toEqual([405, 'Please try again later']);
    expect(await isMergeable(number)).toBe(false);
  });

  test('a merge lands on the default branch of the real repository and is told as closed', async () => {
    const { number, head } = await openPull('sbx-1');
    await until(() => isMergeable(number), 'the conflict check is over');
    expect((await merge(number, 'f'.repeat(40))).body.message).toBe('head out of date');
    expect((await merge(number, head)).status).toBe(200);
    const { body } = await world.forge('GET', `/pulls/${number}`);
    expect(body).toMatchObject({ state: 'closed', merged: true, head: { sha: head } });
    await copy.git('fetch', '--quiet', 'origin');
    expect((await copy.git('rev-parse', 'origin/main')).trim()).toBe(body.merge_commit_sha);
    await copy.git('merge-base', '--is-ancestor', head, 'origin/main');
    expect((await merge(number, head)).body.message).toBe('The PR is already merged');
    expect((await world.forge('GET', `/pulls/${number}/merge`)).status).toBe(204);
    await until(() => world.webhooks('pull_request').length === 2, 'opened and closed were announced');
    expect(world.webhooks('pull_request')[1]?.body).toMatchObject({ action: 'closed', pull_request: { merged: true } });
    const mains = world.webhooks('push').filter((push) => push.body['ref'] === 'refs/heads/main');
    expect(mains).toHaveLength(1);
  });

  test('that the forge forgets is on the default branch, while the pull request stays open and nobody is told', async () => {
    const { number, head } = await openPull('sbx-1');
    await until(() => isMergeable(number), 'the conflict check is over');
    world.sandbox.forge.faults.forgetMerges(1);
    expect((await merge(number, head)).status).toBe(500);
    await copy.git('fetch', '--quiet', 'origin');
    await copy.git('merge-base', '--is-ancestor', head, 'origin/main');
    expect((await world.forge('GET', `/pulls/${number}`)).body).toMatchObject({ state: 'open', merged: false });
    expect((await merge(number, head)).body.message).toBe('Please try again later');
    expect(world.webhooks('push').filter((push) => push.body['ref'] === 'refs/heads/main')).toEqual([]);
  });

  test.each(['squash', 'rebase', 'rebase-merge'])(
    '%s brings the change to the default branch as well',
    async (style) => {
      const { number, head } = await openPull('sbx-1');
      await copy.pushBranch('other', { 'other.txt': 'x\n' });
      await copy.git('push', '--quiet', 'origin', 'other:main');
      await until(() => isMergeable(number), 'the conflict check is over');
      expect((await merge(number, head, { Do: style })).status).toBe(200);
      const file = await world.forge('GET', '/contents/src/promotions/sbx-1.js?ref=main');
      expect(Buffer.from(file.body.content as string, 'base64').toString()).toBe(promotion('sbx-1', 5));
    },
  );

  test('a conflict is answered with what git said, and the default branch stays', async () => {
    const one = await openPull('one', 'src/settings.js', 'export const SETTINGS = { shop: 1 };\n');
    const two = await openPull('two', 'src/settings.js', 'export const SETTINGS = { shop: 2 };\n');
    await until(() => isMergeable(one.number), 'the first can be merged');
    await merge(one.number, one.head);
    const main = (await world.forge('GET', '/branches/main')).body.commit.id as string;
    await until(async () => (await merge(two.number, two.head)).status === 409, 'the merge ran into the conflict');
    const { body } = await merge(two.number, two.head);
    expect(body).toMatchObject({ Style: 'merge', StdErr: '', Err: {} });
    expect(body.StdOut).toContain('CONFLICT (content): Merge conflict in src/settings.js\n');
    expect((await world.forge('GET', '/branches/main')).body.commit.id).toBe(main);
    world.sandbox.forge.settings.conflictsAnswer = 405;
    expect((await merge(two.number, two.head)).body.message).toBe('Please try again later');
  });

  test('protection says no in its own words until it is satisfied', async () => {
    const { number, head } = await openPull('sbx-1');
    await until(() => isMergeable(number), 'the conflict check is over');
    const refusal = async () => (await merge(number, head)).body?.message as string | undefined;
    world.sandbox.forge.protect('sandbox', { statusContexts: ['gate / *'], requiredApprovals: 1 });
    expect(await refusal()).toBe('Not all required status checks successful');
    await world.forge('POST', `/statuses/${head}`, { state: 'success', context: 'gate / qa' });
    expect(await refusal()).toBe('Does not have enough approvals');
    await world.forge('POST', `/pulls/${number}/reviews`, { event: 'APPROVED' }, world.sandbox.tokens.forgePerson);
    world.sandbox.forge.protect('sandbox', { preReceiveRefusal: 'main is closed' });
    expect(await refusal()).toBe('PushRejected with remote message: main is closed');
    world.sandbox.forge.protect('sandbox', { preReceiveRefusal: null });
    expect(await refusal()).toBeUndefined();
  });

  test('a scheduled merge is only promised, and kept once every check is green', async () => {
    const { number, head } = await openPull('sbx-1');
    await until(() => isMergeable(number), 'the conflict check is over');
    const wish = { merge_when_checks_succeed: true };
    expect((await merge(number, head, wish)).status).toBe(201);
    const isMerged = async () => (await world.forge('GET', `/pulls/${number}`)).body.merged as boolean;
    await until(isMerged, 'the forge merged it by itself', 15_000);
  });

  test('bringing an up-to-date branch up to date is a server error, and a stale one gets a new head', async () => {
    const { number, head } = await openPull('sbx-1');
    expect((await world.forge('POST', `/pulls/${number}/update?style=rebase`)).status).toBe(500);
    await copy.pushBranch('other', { 'other.txt': 'x\n' });
    await copy.git('push', '--quiet', 'origin', 'other:main');
    expect((await world.forge('POST', `/pulls/${number}/update?style=rebase`)).status).toBe(200);
    expect((await world.forge('GET', `/pulls/${number}`)).body.head.sha).not.toBe(head);
  });
});

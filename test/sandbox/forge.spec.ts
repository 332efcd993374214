import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { ask, SandboxInTest } from '../support/sandbox/sandbox-in-test.js';
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

describe('the entrance', () => {
  test('nobody reads or clones without a token that the forge knows', async () => {
    const url = `${world.sandbox.forgeUrl}/api/v1/user`;
    expect((await ask('GET', url, {})).body.message).toBe('token is required');
    const wrong = await ask('GET', url, { authorization: 'token wrong' });
    expect([wrong.status, wrong.body.message]).toEqual([401, 'invalid username, password or token']);
    await expect(WorkingCopy.clone(cloneUrl(), 'wrong')).rejects.toThrow();
  });

  test('the account behind a token can be asked for', async () => {
    const authorization = `Bearer ${world.sandbox.tokens.forgeBot}`;
    const { body } = await ask('GET', `${world.sandbox.forgeUrl}/api/v1/user`, { authorization });
    expect(body).toMatchObject({ login: 'delivery-bot', active: true });
  });
});

describe('pushes', () => {
  test('a pushed branch is announced with create and push, signed over the very bytes', async () => {
    const head = await copy.pushBranch('sbx-1', { 'src/promotions/one.js': promotion('ONE', 5) });
    await until(() => world.webhooks('push').length === 1, 'the push was announced');
    expect(world.webhooks('create')[0]?.body).toMatchObject({ ref: 'sbx-1', ref_type: 'branch', sha: head });
    const [push] = world.webhooks('push');
    expect(push?.body).toMatchObject({
      ...{ ref: 'refs/heads/sbx-1', before: '0'.repeat(40), after: head, total_commits: 1 },
      ...{ pusher: { login: 'delivery-bot' }, commits: [{ id: head, added: ['src/promotions/one.js'] }] },
    });
    const secret = world.sandbox.secrets.gitea;
    const sign = (kind: string) =>
      createHmac(kind, secret)
        .update(push?.raw ?? '')
        .digest('hex');
    expect(push?.headers['x-gitea-signature']).toBe(sign('sha256'));
    expect(push?.headers['x-hub-signature']).toBe(`sha1=${sign('sha1')}`);
    expect(push?.raw.toString('utf8')).toContain('{\n  "ref": "refs/heads/sbx-1",\n');
    expect(push?.raw.toString('utf8')).toContain('& <more>');
  });

  test('the tests of a pushed commit really run, and their verdict is its status', async () => {
    const good = await copy.pushBranch('good', { 'src/promotions/good.js': promotion('GOOD', 5) });
    const bad = await copy.pushBranch('bad', { 'src/promotions/bad.js': promotion('BAD', 100) });
    const stateOf = async (sha: string) => (await world.forge('GET', `/commits/${sha}/status`)).body.state as string;
    await until(async () => (await stateOf(bad)) === 'failure', 'the bad one failed', 15_000);
    expect(await stateOf(good)).toBe('success');
    const { body: history } = await world.forge('GET', `/commits/${bad}/statuses`);
    const told = history.map((row: { status: string; context: string }) => [row.status, row.context]);
    expect(told).toEqual([
      ['failure', 'ci / test (push)'],
      ['pending', 'ci / test (push)'],
    ]);
    await until(() => world.webhooks('status').length === 4, 'every status was announced');
    expect(world.webhooks('status')[0]?.body).toMatchObject({
      sha: good,
      state: 'pending',
      sender: { login: 'gitea-actions' },
    });
  });

  test('a commit that nobody has said anything about has no state at all', async () => {
    const { body } = await world.forge('GET', '/commits/main/status');
    expect([body.state, body.statuses, body.total_count]).toEqual(['', null, 0]);
  });

  test('the newest status of a context counts, and one failure outweighs every success', async () => {
    const report = (state: string, context: string) => world.forge('POST', '/statuses/main', { state, context });
    await report('failure', 'lint');
    await report('success', 'lint');
    expect((await world.forge('GET', '/commits/main/status')).body).toMatchObject({ state: 'success', total_count: 1 });
    await report('pending', 'build');
    expect((await world.forge('GET', '/commits/main/status')).body.state).toBe('pending');
    await report('error', 'deploy');
    expect((await world.forge('GET', '/commits/main/status')).body.state).toBe('failure');
  });
});

describe('branches', () => {
  test('a branch is made once, from something that exists, and the default branch stays', async () => {
    const wish = { new_branch_name: 'feature/one', old_ref_name: 'main' };
    const made = await world.forge('POST', '/branches', wish);
    expect([made.status, made.body.name]).toEqual([201, 'feature/one']);
    expect((await world.forge('POST', '/branches', wish)).body.message).toBe('The branch already exists.');
    const nowhere = { new_branch_name: 'two', old_ref_name: 'no-such-ref' };
    expect((await world.forge('POST', '/branches', nowhere)).status).toBe(500);
    expect((await world.forge('GET', '/branches/feature/one')).body.commit.id).toBe(made.body.commit.id);
    expect((await world.forge('DELETE', '/branches/main')).status).toBe(403);
    expect((await world.forge('DELETE', '/branches/feature/one')).status).toBe(204);
    expect((await world.forge('GET', '/branches/feature/one')).status).toBe(404);
  });

  test('deleting a branch closes its pull request', async () => {
    const { number } = await openPull('short-lived');
    await world.forge('DELETE', '/branches/short-lived');
    expect((await world.forge('GET', `/pulls/${number}`)).body).toMatchObject({ state: 'closed', merged: false });
    expect((await merge(number, 'any')).status).toBe(404);
  });
});

describe('pull requests', () => {
  test('a second one for the same branches is refused with the number of the first', async () => {
    const { number } = await openPull('sbx-1');
    const again = await world.forge('POST', '/pulls', { base: 'main', head: 'sbx-1', title: 'again' });
    expect(again.status).toBe(409);
    expect(again.body.message).toContain(`issue_id: ${number}, `);
    expect((await world.forge('POST', '/pulls', { base: 'main', head: 'nope' })).status).toBe(404);
    expect((await world.forge('POST', '/pulls', { base: 'main', head: 'main' })).status).toBe(422);
  });

  test('a filter by head is ignored, and pages are cut at fifty without a word', async () => {
    await openPull('one');
    await openPull('two');
    const all = await world.forge('GET', '/pulls?state=open&head=one');
    expect(all.body.map((pull: { head: { ref: string } }) => pull.head.ref)).toEqual(['two', 'one']);
    const page = await world.forge('GET', '/pulls?limit=1');
    expect([page.body.length, page.headers.get('x-total-count')]).toEqual([1, '2']);
    expect(page.headers.get('link')).toContain('rel="next"');
    expect((await world.forge('GET', '/pulls/main/one')).body.head.ref).toBe('one');
  });

  test('a push to the head is announced as synchronized, with the new head', async () => {
    const { number } = await openPull('sbx-1');
    const head = await copy.pushBranch('sbx-1', { 'README.md': 'more\n' }, 'sbx-1');
    const synchronized = () => world.webhooks('pull_request_sync', 'x-gitea-event-type');
    await until(() => synchronized().length === 1, 'the new head was announced');
    expect(synchronized()[0]?.body).toMatchObject({
      action: 'synchronized',
      number,
      pull_request: { head: { sha: head } },
    });
  });

  test('a review stays with its commit, and nobody approves their own', async () => {
    const { number, head } = await openPull('sbx-1');
    const approve = (token?: string) => world.forge('POST', `/pulls/${number}/reviews`, { event: 'APPROVED' }, token);
    expect((await approve()).status).toBe(422);
    expect((await approve(world.sandbox.tokens.forgePerson)).status).toBe(200);
    await copy.pushBranch('sbx-1', { 'README.md': 'more\n' }, 'sbx-1');
    const [review] = (await world.forge('GET', `/pulls/${number}/reviews`)).body;
    expect(review).toMatchObject({ state: 'APPROVED', commit_id: head, stale: true, user: { login: 'alice' } });
    await until(() => world.webhooks('pull_request_approved').length === 1, 'the review was announced');
  });
});

describe('webhooks of the forge', () => {
  test('a delivery that nobody took is not repeated', async () => {
    const { gitea } = { gitea: 'http://127.0.0.1:9/nobody' };
    world.sandbox.sendWebhooksTo({ plane: null, gitea });
    await world.forge('POST', '/branches', { new_branch_name: 'unheard' });
    await until(() => world.sandbox.forge.pending() === 0, 'everything was tried once');
    world.sandbox.sendWebhooksTo({ plane: null, gitea: `${world.receiver.url}/webhook/gitea` });
    await world.forge('POST', '/branches', { new_branch_name: 'heard' });
    await until(() => world.webhooks('create').length > 0, 'the next one arrived');
    expect(world.webhooks('create').map(({ body }) => body['ref'])).toEqual(['heard']);
  });

  test('a hook that is set up through the interface is inactive unless it is asked for otherwise', async () => {
    const config = { url: `${world.receiver.url}/second`, content_type: 'json', secret: 's' };
    const quiet = await world.forge('POST', '/hooks', { type: 'gitea', config, events: ['create'] });
    expect(quiet.body).toMatchObject({ active: false, config: { url: config.url } });
    expect(quiet.body.config.secret).toBeUndefined();
    await world.forge('POST', '/hooks', { type: 'gitea', config, events: ['create'], active: true });
    await world.forge('POST', '/branches', { new_branch_name: 'new' });
    const second = () => world.receiver.received.filter(({ path }) => path === '/second');
    await until(() => second().length > 0 && world.sandbox.forge.pending() === 0, 'the active hook was called');
    expect(second().map(({ headers }) => headers['x-gitea-event'])).toEqual(['create']);
  });
});

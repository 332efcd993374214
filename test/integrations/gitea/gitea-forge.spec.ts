import { afterEach, describe, expect, test } from '@jest/globals';
import { ForgeRefused, ForgeUnavailable } from '../../../src/integrations/forge.js';
import { GiteaForge } from '../../../src/integrations/gitea/gitea-forge.js';
import { play } from '../played-server.js';
import type { PlayedAnswer, PlayedServer, SeenRequest } from '../played-server.js';
import { heldLease } from '../../support/held-lease.js';

let server: PlayedServer;
afterEach(() => server?.close());

async function forgeThatAnswers(
  answer: (request: SeenRequest) => PlayedAnswer | null,
  timeoutMs = 2_000,
): Promise<GiteaForge> {
  server = await play(answer);
  return new GiteaForge({ url: `${server.url}/`, token: 'secret-token', owner: 'acme', timeoutMs });
}

const failure = (asked: Promise<unknown>): Promise<unknown> =>
  asked.then(
    () => 'answered',
    (error: unknown) => error,
  );

const pull = (number: number, ref: string, more: object = {}) => ({
  ...{ number, title: ref, state: 'open', merged: false, merge_commit_sha: null },
  ...{ head: { ref, sha: `head-${number}`, repo_id: 1 }, base: { ref: 'main', sha: 'base', repo_id: 1 }, ...more },
});

/** Cuts a list into pages of its own length, whatever limit is asked for. */
function paged(all: readonly unknown[], perPage: number, withTotal: boolean) {
  return ({ query }: SeenRequest): PlayedAnswer => {
    const page = Number(query.get('page'));
    const headers = withTotal ? { 'X-Total-Count': String(all.length) } : {};
    return { status: 200, headers, body: all.slice((page - 1) * perPage, page * perPage) };
  };
}

describe('the pull requests of a branch', () => {
  test.each([[true], [false]])(
    'are found on every page, also when the server gives fewer a page than asked for (total named: %j)',
    async (withTotal) => {
      const all = Array.from({ length: 45 }, (_, index) => pull(index + 1, index % 20 === 0 ? 'mine' : 'other'));
      const forge = await forgeThatAnswers(paged(all, 20, withTotal));
      expect((await forge.pullRequestsOfBranch('r', 'mine')).map(({ number }) => number)).toEqual([41, 21, 1]);
    },
  );

  test('are compared here, because the forge ignores a filter by head', async () => {
    const all = [pull(1, 'mine-too'), pull(2, 'mine'), pull(3, 'not-mine')];
    const forge = await forgeThatAnswers(paged(all, 50, true));
    expect((await forge.pullRequestsOfBranch('r', 'mine')).map(({ number }) => number)).toEqual([2]);
    expect(server.seen[0]?.query.get('state')).toBe('all');
  });

  test('are not those of a fork that uses the same name', async () => {
    const fork = pull(2, 'mine', { head: { ref: 'mine', sha: 'x', repo_id: 9 } });
    const forge = await forgeThatAnswers(paged([fork], 50, true));
    expect(await forge.pullRequestsOfBranch('r', 'mine')).toEqual([]);
  });

  test('name a merge commit only after the merge', async () => {
    const all = [pull(1, 'mine', { merge_commit_sha: 'trial' })];
    const forge = await forgeThatAnswers(paged(all, 50, true));
    expect(await forge.pullRequestsOfBranch('r', 'mine')).toMatchObject([{ merged: false, mergeCommit: null }]);
  });
});

describe('opening a pull request', () => {
  test('adopts the open one of the same head and base, not an older or another one', async () => {
    const all = [
      pull(1, 'mine', { state: 'closed' }),
      pull(2, 'mine', { base: { ref: 'release', sha: 'b', repo_id: 1 } }),
      pull(3, 'mine'),
    ];
    const forge = await forgeThatAnswers((request) =>
      request.method === 'POST' ? { status: 409, body: { message: 'exists' } } : paged(all, 50, true)(request),
    );
    const request = { head: 'mine', base: 'main', title: 't', body: 'b' };
    expect(await forge.openPullRequest('r', request)).toMatchObject({ number: 3, baseBranch: 'main' });
  });
});

describe('the combined status of a commit', () => {
  const statuses = (states: readonly string[], perPage = 50) =>
    forgeThatAnswers(({ query }) => {
      const page = Number(query.get('page'));
      const list = states.slice((page - 1) * perPage, page * perPage).map((status) => ({ status, context: 'c' }));
      const shown = list.length === 0 ? null : list;
      const headers = { 'X-Total-Count': String(states.length) };
      return { status: 200, headers, body: { state: 'success', statuses: shown, total_count: list.length } };
    });

  test.each([
    [[], 'absent'],
    [['pending'], 'pending'],
    [['success', 'pending'], 'pending'],
    [['success', 'warning', 'skipped'], 'success'],
    [['success', 'pending', 'error'], 'failure'],
    [['success', 'failure'], 'failure'],
    [['success', 'something new'], 'pending'],
  ])('of %j is %s', async (states, meaning) => {
    const forge = await statuses(states);
    expect(await forge.combinedStatus('r', 'sha')).toEqual({ status: meaning, changedAt: null });
  });

  test('is failure when the failure is on a later page than the one that the server sums up', async () => {
    const forge = await statuses([...Array.from({ length: 35 }, () => 'success'), 'failure'], 30);
    expect((await forge.combinedStatus('r', 'sha')).status).toBe('failure');
  });
});

describe('a merge', () => {
  const merged = pull(7, 'mine', { state: 'closed', merged: true, merge_commit_sha: 'm' });
  const merging = (merge: PlayedAnswer | null, after: unknown, timeoutMs?: number) =>
    forgeThatAnswers(({ method }) => (method === 'POST' ? merge : { status: 200, body: after }), timeoutMs);

  test('names the expected head and keeps the branch', async () => {
    const forge = await merging({ status: 200, body: null }, merged);
    expect(await forge.merge(heldLease('r'), { number: 7, head: 'head-7', title: 'DLV-42: Title' })).toEqual({
      kind: 'merged',
    });
    expect(server.seen[0]?.body).toEqual({
      ...{ Do: 'merge', MergeTitleField: 'DLV-42: Title', head_commit_id: 'head-7', delete_branch_after_merge: false },
    });
  });

  test('that the forge claims and the pull request does not show is unknown', async () => {
    const forge = await merging({ status: 200, body: null }, pull(7, 'mine'));
    expect((await forge.merge(heldLease('r'), { number: 7, head: 'head-7', title: 't' })).kind).toBe('unknown');
  });

  test('that was done before is "already merged" only with the expected head', async () => {
    const already = { status: 405, body: { message: 'The PR is already merged' } };
    const forge = await merging(already, merged);
    expect(await forge.merge(heldLease('r'), { number: 7, head: 'head-7', title: 't' })).toEqual({
      kind: 'already-merged',
    });
    expect(await forge.merge(heldLease('r'), { number: 7, head: 'newer', title: 't' })).toEqual({
      kind: 'refused',
      reason: 'it was merged with the head head-7 instead of newer',
    });
  });

  test('without an answer in time is unknown', async () => {
    const forge = await merging(null, merged, 50);
    expect(await forge.merge(heldLease('r'), { number: 7, head: 'head-7', title: 't' })).toMatchObject({
      kind: 'unknown',
      reason: expect.stringContaining('nothing within 50 ms'),
    });
  });

  test('that is refused is not read again', async () => {
    const forge = await merging({ status: 409, body: { message: 'head out of date' } }, merged);
    expect((await forge.merge(heldLease('r'), { number: 7, head: 'old', title: 't' })).kind).toBe('refused');
    expect(server.seen).toHaveLength(1);
  });
});

describe('every call to Gitea', () => {
  test('carries the token in its header and keeps the slashes of a branch, but nothing else that means something', async () => {
    const forge = await forgeThatAnswers(() => ({ status: 200, body: { commit: { id: 'sha' } } }));
    await forge.branchHead('r', 'feature/a b?c#d%e');
    expect(server.seen[0]?.path).toBe('/api/v1/repos/acme/r/branches/feature/a%20b%3Fc%23d%25e');
    expect(server.seen[0]?.headers.authorization).toBe('token secret-token');
  });

  test('that is answered with 500, a web page or not at all says that the forge is unavailable, without the token', async () => {
    for (const answer of [{ status: 500, body: { message: '' } }, { status: 404, body: '<html>' }, null]) {
      const forge = await forgeThatAnswers(() => answer, 50);
      const error = await failure(forge.branchHead('r', 'b'));
      expect(error).toBeInstanceOf(ForgeUnavailable);
      expect(String(error)).not.toContain('secret-token');
      await server.close();
    }
  });

  test('says when to come back where the forge does', async () => {
    const forge = await forgeThatAnswers(() => ({ status: 429, headers: { 'Retry-After': '5' }, body: {} }));
    expect(await failure(forge.reviews('r', 7))).toMatchObject({ retryAfterMs: 5_000 });
  });

  test('for a list that is none says that the forge is unavailable', async () => {
    const forge = await forgeThatAnswers(() => ({ status: 200, body: { hello: 'world' } }));
    expect(await failure(forge.reviews('r', 7))).toBeInstanceOf(ForgeUnavailable);
    expect(await failure(forge.pullRequest('r', 7))).toBeInstanceOf(ForgeUnavailable);
  });
});

describe('the own account of the forge', () => {
  test('is asked for once', async () => {
    const forge = await forgeThatAnswers(() => ({ status: 200, body: { login: 'bot' } }));
    expect([await forge.ownLogin(), await forge.ownLogin()]).toEqual(['bot', 'bot']);
    expect(server.seen).toHaveLength(1);
  });

  test('cannot be read without the scope for it, and the sentence says so', async () => {
    const message = 'token does not have at least one of required scope(s), required=[read:user]';
    const forge = await forgeThatAnswers(() => ({ status: 403, body: { message } }));
    const error = await failure(forge.ownLogin());
    expect(error).toBeInstanceOf(ForgeRefused);
    expect(String(error)).toContain('required=[read:user]');
  });
});

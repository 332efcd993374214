import { afterEach, describe, expect, test } from '@jest/globals';
import { ForgeRefused, ForgeUnavailable } from '../../../src/integrations/forge.js';
import { GiteaForge } from '../../../src/integrations/gitea/gitea-forge.js';
import { play } from '../played-server.js';
import type { PlayedServer } from '../played-server.js';
import { exchange, exchangeNames } from '../recorded.js';

const REPO = 'orders-api';
const BRANCH = 'dlv-42-retry-budget';
const FIRST = '3b430166789ca8549e1bd735d2d84afbc61f945a';
const SECOND = 'f4acd998762706cb1cb86c65ff79889d3c6c70e4';
const MERGE = exchange('gitea', 'api-pull-request-merged').body.merge_commit_sha;

type Ask = (forge: GiteaForge) => Promise<unknown>;
const pull: Ask = (forge) => forge.pullRequest(REPO, 17);
const status: Ask = (forge) => forge.combinedStatus(REPO, FIRST);
const branch =
  (name: string): Ask =>
  (forge) =>
    forge.branchHead(REPO, name);
const create =
  (head = BRANCH): Ask =>
  (forge) =>
    forge.openPullRequest(REPO, { head, base: 'main', title: 'DLV-42 Add retry budget', body: 'Implements DLV-42.' });
const opened = {
  ...{ number: 17, headBranch: BRANCH, headSha: FIRST, baseBranch: 'main' },
  ...{ state: 'open', merged: false, mergeCommit: null },
};

const UNDERSTOOD: Readonly<Record<string, [Ask, unknown]>> = {
  'api-branch-get': [branch(BRANCH), FIRST],
  'api-branch-get-main-protected': [branch('main'), 'a19b8e1210132642d9f7a9a076e8bd38f4aa51ae'],
  'api-branch-get-not-found': [branch('nope'), null],
  'api-combined-status-failure': [status, { status: 'failure', changedAt: '2026-05-12T07:38:27.000Z' }],
  'api-combined-status-none': [status, { status: 'absent', changedAt: null }],
  'api-combined-status-pending': [status, { status: 'pending', changedAt: '2026-05-12T07:34:00.000Z' }],
  'api-combined-status-success': [status, { status: 'success', changedAt: '2026-05-12T07:38:27.000Z' }],
  'api-pull-request': [pull, opened],
  'api-pull-request-checking': [pull, { ...opened, headSha: SECOND }],
  'api-pull-request-create': [create(), opened],
  'api-pull-request-merged': [pull, { ...opened, headSha: SECOND, state: 'closed', merged: true, mergeCommit: MERGE }],
  'api-pull-requests-list': [(forge) => forge.pullRequestsOfBranch(REPO, BRANCH), [opened]],
  'api-reviews-list': [
    (forge) => forge.reviews(REPO, 17),
    [
      {
        state: 'changes-requested',
        reviewer: 'alice',
        commit: FIRST,
        dismissed: false,
        at: '2026-05-12T07:58:30.000Z',
      },
      { state: 'approved', reviewer: 'alice', commit: SECOND, dismissed: false, at: '2026-05-12T09:12:00.000Z' },
    ],
  ],
};

const NOT_GRANTED: Readonly<Record<string, [Ask, number, string]>> = {
  'api-pull-request-create-head-not-found': [create('nope'), 404, 'not found'],
  'api-pull-request-create-same-branch': [
    create('main'),
    422,
    'Invalid PullRequest: There are no changes between the head and the base',
  ],
  'api-repo-archived': [create(), 423, 'acme/orders-api is archived'],
  'api-token-required': [create(), 401, 'token is required; check ORCH_GITEA_TOKEN'],
  'api-token-scope-missing': [
    create(),
    403,
    'required=[write:repository], token scope=read:repository; check the scopes',
  ],
  'api-unauthorized': [pull, 401, 'invalid username, password or token; check ORCH_GITEA_TOKEN'],
};

/** Calls that the pipeline does not make. */
const NEVER_ASKED = [
  ...['api-actions-run', 'api-actions-run-jobs', 'api-actions-runs-list'],
  ...['api-branch-delete', 'api-branch-delete-not-found', 'api-branch-delete-protected'],
  ...['api-branch-create', 'api-branch-create-exists', 'api-hook-create', 'api-is-merged-no', 'api-is-merged-yes'],
  ...['api-contents-create', 'api-contents-create-exists', 'api-contents-get'],
  ...['api-contents-update', 'api-contents-update-sha-mismatch'],
  ...['api-pull-request-by-base-head', 'api-review-create', 'api-review-own-pull'],
  ...['api-pull-update-conflict', 'api-pull-update-forbidden', 'api-pull-update-merged'],
  ...['api-pull-update-rebase-ok', 'api-pull-update-up-to-date', 'api-status-create', 'api-statuses-list'],
];

const ELSEWHERE = ['api-not-found', 'api-pull-request-create-exists'];

async function replay(name: string): Promise<PlayedServer> {
  const { request, status: code, headers, body } = exchange('gitea', name);
  const [path] = request.path.split('?');
  return play((seen) => {
    if (seen.method !== request.method || seen.path !== path) {
      return { status: 418, body: { message: `${seen.method} ${seen.path} was not recorded` } };
    }
    // A recording holds one page; what lies beyond it is empty.
    const isBeyond = seen.query.get('page') === '2' && Array.isArray(body);
    return { status: code, headers, body: isBeyond ? [] : body };
  });
}

describe('every recorded exchange with Gitea', () => {
  let server: PlayedServer;
  afterEach(() => server?.close());

  const forge = () => new GiteaForge({ url: server.url, token: 'secret-token', owner: 'acme', timeoutMs: 2_000 });

  test('is understood here, is an answer to a merge, or is never asked for', () => {
    const merges = exchangeNames('gitea').filter((name) => name.startsWith('api-merge-'));
    const told = [...Object.keys(UNDERSTOOD), ...Object.keys(NOT_GRANTED), ...NEVER_ASKED, ...ELSEWHERE, ...merges];
    expect(told.sort()).toEqual([...exchangeNames('gitea')].sort());
  });

  test.each(Object.entries(UNDERSTOOD))('%s gives what it means', async (name, [ask, meaning]) => {
    server = await replay(name);
    expect(await ask(forge())).toEqual(meaning);
  });

  test.each(Object.entries(NOT_GRANTED))('%s is one sentence with its reason', async (name, [ask, code, reason]) => {
    server = await replay(name);
    const error: unknown = await ask(forge()).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ForgeRefused);
    expect(error).toMatchObject({ status: code });
    expect(String(error)).toContain(reason);
    expect(String(error)).not.toContain('secret-token');
  });

  test('api-not-found is nothing to read and nothing to write to', async () => {
    const { status: code, body } = exchange('gitea', 'api-not-found');
    server = await play(() => ({ status: code, body }));
    expect(await forge().pullRequest(REPO, 17)).toBeNull();
    await expect(forge().reviews(REPO, 17)).rejects.toBeInstanceOf(ForgeRefused);
  });

  test('api-pull-request-create-exists adopts the open pull request of the same branches', async () => {
    const { status: code, body } = exchange('gitea', 'api-pull-request-create-exists');
    const list = exchange('gitea', 'api-pull-requests-list');
    server = await play(({ method, query }) =>
      method === 'POST'
        ? { status: code, body }
        : { status: 200, headers: list.headers, body: query.get('page') === '1' ? list.body : [] },
    );
    expect(await create()(forge())).toEqual(opened);
    expect(server.seen[1]?.query.get('state')).toBe('open');
  });

  test('api-pull-request-create-exists is unclear when no such pull request is in the list', async () => {
    const { status: code, body } = exchange('gitea', 'api-pull-request-create-exists');
    server = await play(({ method }) => (method === 'POST' ? { status: code, body } : { status: 200, body: [] }));
    await expect(create()(forge())).rejects.toBeInstanceOf(ForgeUnavailable);
  });
});

import { describe, expect, test } from '@jest/globals';
import type { ForgeDelivery } from '../../../src/integrations/forge.js';
import { giteaSignatureHolds, readGiteaDelivery } from '../../../src/integrations/gitea/gitea-delivery.js';
import { webhook, webhookNames } from '../recorded.js';
import type { AnyJson } from '../recorded.js';

const FIRST = '3b430166789ca8549e1bd735d2d84afbc61f945a';
const SECOND = 'f4acd998762706cb1cb86c65ff79889d3c6c70e4';
const BRANCH = 'dlv-42-retry-budget';
const repo = 'orders-api';

const pushed = (head: string): ForgeDelivery => ({
  kind: 'branch-moved',
  repo,
  branch: BRANCH,
  head,
  actor: 'delivery-bot',
});
const pull = (actor: string, merged = false): ForgeDelivery => ({
  kind: 'pull-request-changed',
  repo,
  number: 17,
  branch: BRANCH,
  merged,
  actor,
});
const checks = (sha: string, actor: string): ForgeDelivery => ({
  kind: 'checks-changed',
  repo,
  sha,
  branch: null,
  actor,
});

const MEANINGS: Readonly<Record<string, ForgeDelivery>> = {
  'create-branch': pushed(FIRST),
  'pull-request-closed': pull('alice'),
  'pull-request-edited-title': pull('delivery-bot'),
  'pull-request-merged': pull('delivery-bot', true),
  'pull-request-opened': pull('delivery-bot'),
  'pull-request-reopened': pull('alice'),
  'pull-request-review-approved': pull('alice'),
  'pull-request-review-rejected': pull('alice'),
  'pull-request-review-requested': pull('delivery-bot'),
  'pull-request-synchronized': pull('delivery-bot'),
  'push-new-branch': pushed(FIRST),
  push: pushed(SECOND),
  'raw-push': pushed(SECOND),
  'status-actions-failure': checks(SECOND, 'gitea-actions'),
  'status-actions-pending': checks(FIRST, 'gitea-actions'),
  'status-actions-success': checks(FIRST, 'gitea-actions'),
  'status-failure': checks(FIRST, 'delivery-bot'),
  'status-pending': checks(FIRST, 'delivery-bot'),
  'status-success': checks(FIRST, 'delivery-bot'),
  'workflow-job-completed': checks(FIRST, 'delivery-bot'),
  'workflow-job-completed-failure': checks(SECOND, 'delivery-bot'),
  'workflow-job-in-progress': checks(FIRST, 'delivery-bot'),
  'workflow-job-queued': checks(FIRST, 'delivery-bot'),
  'workflow-run-completed': checks(FIRST, 'delivery-bot'),
  'workflow-run-completed-failure': checks(SECOND, 'delivery-bot'),
  'workflow-run-in-progress': checks(FIRST, 'delivery-bot'),
  'workflow-run-requested': checks(FIRST, 'delivery-bot'),
};

function recorded(name: string) {
  const { rawBody, headers } = webhook('gitea', name);
  const events = { event: headers['x-gitea-event'], eventType: headers['x-gitea-event-type'] };
  return { rawBody, headers, events, body: JSON.parse(rawBody.toString('utf8')) };
}

describe('every recorded webhook of Gitea', () => {
  test('has a documented meaning', () => {
    expect(Object.keys(MEANINGS).sort()).toEqual([...webhookNames('gitea')].sort());
  });

  test.each(webhookNames('gitea'))('%s is signed over its own bytes', (name) => {
    const { rawBody, headers } = recorded(name);
    expect(giteaSignatureHolds('test-secret', rawBody, headers)).toBe(true);
  });

  test.each(webhookNames('gitea'))('%s is read as what it means', (name) => {
    const { events, body } = recorded(name);
    expect(readGiteaDelivery(events, body)).toEqual(MEANINGS[name]);
  });

  test.each(webhookNames('gitea'))('%s is ours by its owner, and of nobody else (PRJ-08)', (name) => {
    const { events, body } = recorded(name);
    expect(readGiteaDelivery(events, body, 'Acme')).toEqual(MEANINGS[name]);
    const reason = 'the repository acme/orders-api is not one of globex';
    expect(readGiteaDelivery(events, body, 'globex')).toEqual({ kind: 'ignored', reason });
  });
});

describe('the signature of Gitea', () => {
  const { rawBody, headers } = recorded('raw-push');
  const own = headers['x-gitea-signature'] ?? '';

  test('does not hold over bytes that were serialised again', () => {
    const again = Buffer.from(JSON.stringify(JSON.parse(rawBody.toString('utf8'))));
    expect(giteaSignatureHolds('test-secret', again, headers)).toBe(false);
  });

  test('may come in the form of GitHub when the own header is missing', () => {
    const hub = { 'x-hub-signature-256': headers['x-hub-signature-256'] };
    expect(giteaSignatureHolds('test-secret', rawBody, hub)).toBe(true);
    expect(giteaSignatureHolds('test-secret', rawBody, { 'x-hub-signature-256': own })).toBe(false);
  });

  test('does not hold when the headers are there and empty, as they are sent without a secret', () => {
    const empty = { 'x-gitea-signature': '', 'x-hub-signature-256': 'sha256=' };
    expect(giteaSignatureHolds('test-secret', rawBody, empty)).toBe(false);
    expect(giteaSignatureHolds('test-secret', rawBody, { ...headers, 'x-gitea-signature': '' })).toBe(false);
    expect(giteaSignatureHolds('test-secret', rawBody, {})).toBe(false);
  });

  test('does not hold when the header comes twice, or with another or an empty secret', () => {
    expect(giteaSignatureHolds('test-secret', rawBody, { 'x-gitea-signature': [own, own] })).toBe(false);
    expect(giteaSignatureHolds('another', rawBody, headers)).toBe(false);
    expect(giteaSignatureHolds('', rawBody, headers)).toBe(false);
  });
});

describe('a webhook of Gitea that nobody recorded', () => {
  const read = (name: string, change: (body: AnyJson) => void, eventType?: string) => {
    const { events, body } = recorded(name);
    change(body);
    return readGiteaDelivery({ ...events, ...(eventType !== undefined && { eventType }) }, body);
  };
  const unchanged = () => undefined;

  test('is told apart by its event type: a review with a comment is none of the conversation', () => {
    const { body } = recorded('pull-request-review-approved');
    const event = 'pull_request_comment';
    expect(readGiteaDelivery({ event, eventType: 'pull_request_review_comment' }, body).kind).toBe(
      'pull-request-changed',
    );
    expect(readGiteaDelivery({ event: 'issue_comment', eventType: event }, body)).toEqual({
      kind: 'ignored',
      reason: 'nothing listens to the event "pull_request_comment"',
    });
  });

  test.each(['pull_request_label', 'pull_request_assign', 'fork', 'release', 'toString', ''])(
    'is ignored with a reason when its type is "%s"',
    (eventType) => {
      expect(read('pull-request-opened', unchanged, eventType)).toEqual({
        kind: 'ignored',
        reason: `nothing listens to the event "${eventType}"`,
      });
    },
  );

  test('is read by its event where an old server sends no event type', () => {
    const { events, body } = recorded('push');
    expect(readGiteaDelivery({ event: events.event, eventType: undefined }, body)).toEqual(pushed(SECOND));
  });

  test('keeps the slashes of a branch', () => {
    expect(read('push', (body) => (body.ref = 'refs/heads/feature/x/y'))).toMatchObject({ branch: 'feature/x/y' });
  });

  test('about a tag or about the end of a branch moves no branch', () => {
    expect(read('push', (body) => (body.ref = 'refs/tags/v1')).kind).toBe('ignored');
    expect(read('push', (body) => (body.after = '0'.repeat(40))).kind).toBe('ignored');
    expect(read('create-branch', (body) => (body.ref_type = 'tag')).kind).toBe('ignored');
  });

  test('about the deletion of a branch is declined, and says so', () => {
    const { body } = recorded('create-branch');
    expect(readGiteaDelivery({ event: 'delete', eventType: 'delete' }, body, 'acme')).toEqual({
      kind: 'ignored',
      reason: `branch ${BRANCH} of orders-api was deleted; nothing follows from it`,
    });
  });

  test('is of the owner that the full name says, where the owner itself is not told', () => {
    const nameless = (body: AnyJson) => delete body.repository.owner;
    const { events, body } = recorded('push');
    nameless(body);
    expect(readGiteaDelivery(events, body, 'acme')).toEqual(pushed(SECOND));
    delete body.repository.full_name;
    expect(readGiteaDelivery(events, body, 'acme').kind).toBe('ignored');
  });

  test('about a pull request of a fork is ignored, because a fork may use the name of our branch', () => {
    expect(read('pull-request-opened', (body) => (body.pull_request.head.repo_id = 99))).toEqual({
      kind: 'ignored',
      reason: 'pull request 17 comes from a fork',
    });
  });

  test('names the branch of a workflow where the forge does', () => {
    expect(read('workflow-run-completed', (body) => (body.workflow_run.head_branch = 'feature/x'))).toMatchObject({
      kind: 'checks-changed',
      branch: 'feature/x',
    });
  });

  test.each([[null], [[]], ['text'], [{}], [{ repository: { name: 'orders-api' } }]])(
    'is ignored with a reason when it is nonsense like %j',
    (nonsense) => {
      for (const eventType of ['push', 'create', 'status', 'workflow_run', 'workflow_job', 'pull_request']) {
        expect(readGiteaDelivery({ event: undefined, eventType }, nonsense)).toEqual({
          kind: 'ignored',
          reason: expect.stringMatching(/\w/),
        });
      }
    },
  );
});

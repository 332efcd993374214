import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { ask, SandboxInTest } from '../support/sandbox/sandbox-in-test.js';
import { until } from '../support/until.js';

let world: SandboxInTest;

beforeEach(async () => {
  world = await SandboxInTest.start({ retry: { delayMs: 20 } });
});
afterEach(() => world.end());

const deliveries = () => world.webhooks('issue', 'x-plane-event');

describe('the entrance', () => {
  test('a missing key is answered with 401 and a wrong one with 403, in the words of the real tracker', async () => {
    const url = `${world.sandbox.trackerUrl}/api/v1/users/me/`;
    const missing = await ask('GET', url, {});
    expect([missing.status, missing.body]).toEqual([401, { detail: 'Authentication credentials were not provided.' }]);
    const wrong = await ask('GET', url, { 'x-api-key': 'plane_api_wrong' });
    expect([wrong.status, wrong.body]).toEqual([403, { detail: 'Given API token is not valid' }]);
  });

  test('a key that has used up its minute is told when to come back, and another key is not affected', async () => {
    world.sandbox.tracker.limitPerMinute(2);
    const first = await world.tracker('GET', 'states/');
    expect(first.headers.get('x-ratelimit-remaining')).toBe('1');
    await world.tracker('GET', 'states/');
    const third = await world.tracker('GET', 'states/');
    expect([third.status, third.body]).toEqual([429, { error_code: 5900, error_message: 'RATE_LIMIT_EXCEEDED' }]);
    expect(Number(third.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(third.headers.get('x-ratelimit-remaining')).toBeNull();
    const other = await world.tracker('GET', 'states/', undefined, world.sandbox.tokens.trackerPerson);
    expect(other.status).toBe(200);
  });

  test('a path without its trailing slash is redirected, and a write is lost on the way', async () => {
    const answer = await world.tracker('POST', 'work-items', { name: 'lost' });
    expect(answer.status).toBe(301);
    expect(answer.headers.get('location')).toMatch(/\/work-items\/$/);
    expect((await world.tracker('GET', 'work-items/')).body.total_count).toBe(0);
  });
});

describe('work items', () => {
  test('every status that the pipeline knows is there, in its group', async () => {
    const { body } = await world.tracker('GET', 'states/');
    const groups = Object.fromEntries(
      body.results.map((state: { name: string; group: string }) => [state.name, state.group]),
    );
    expect(groups).toMatchObject({
      Backlog: 'backlog',
      Todo: 'unstarted',
      'Confirm Deploy': 'started',
      Done: 'completed',
    });
    expect(Object.keys(groups)).toHaveLength(11);
  });

  test('`state` moves an item, and `state_id` is ignored with 200 and a false line in its history', async () => {
    const { itemId } = await world.sandbox.asPerson.createItem('An item');
    const [todo, blocked] = [await world.statusId('Todo'), await world.statusId('Blocked')];
    expect((await world.tracker('PATCH', `work-items/${itemId}/`, { state: todo })).body.state).toBe(todo);
    const ignored = await world.tracker('PATCH', `work-items/${itemId}/`, { state_id: blocked });
    expect([ignored.status, ignored.body.state]).toEqual([200, todo]);
    const { results } = (await world.tracker('GET', `work-items/${itemId}/activities/`)).body;
    expect(results.map((row: { new_value: string | null }) => row.new_value)).toEqual([null, 'Todo', 'Blocked']);
    expect(results[1]).toMatchObject({
      field: 'state',
      new_identifier: todo,
      actor: world.sandbox.accounts.trackerBotId,
    });
  });

  test('a page has a next cursor even when it is the last; only next_page_results says so', async () => {
    for (const name of ['one', 'two', 'three']) await world.sandbox.asPerson.createItem(name);
    const first = (await world.tracker('GET', 'work-items/?per_page=2&order_by=-updated_at&fields=id,name')).body;
    expect(first).toMatchObject({
      next_page_results: true,
      next_cursor: '2:1:0',
      prev_cursor: '2:-1:1',
      total_count: 3,
    });
    expect(first.results.map((item: object) => Object.keys(item))).toEqual([
      ['id', 'name'],
      ['id', 'name'],
    ]);
    const last = (await world.tracker('GET', `work-items/?per_page=2&order_by=-updated_at&cursor=${first.next_cursor}`))
      .body;
    expect(last).toMatchObject({ next_page_results: false, next_cursor: '2:2:0', count: 1 });
    expect(last.results[0].name).toBe('one');
    expect((await world.tracker('GET', 'work-items/?per_page=5000')).status).toBe(400);
  });

  test('the same external id is created once, and the second caller learns the id of the first', async () => {
    const body = { name: 'twice', external_source: 'orchestrator', external_id: 'a-1' };
    const first = await world.tracker('POST', 'work-items/', body);
    const second = await world.tracker('POST', 'work-items/', body);
    expect([first.status, second.status]).toEqual([201, 409]);
    expect(second.body).toMatchObject({ id: first.body.id });
    const comment = { comment_html: '<p>hello</p>', external_source: 'orchestrator', external_id: 'c-1' };
    const path = `work-items/${first.body.id}/comments/`;
    expect((await world.tracker('POST', path, comment)).status).toBe(201);
    expect((await world.tracker('POST', path, comment)).status).toBe(409);
  });

  test('a relation is seen from both sides', async () => {
    const [one, two] = [await world.sandbox.asPerson.createItem('one'), await world.sandbox.asPerson.createItem('two')];
    const path = `work-items/${one.itemId}/relations/`;
    const added = await world.tracker('POST', path, { relation_type: 'blocked_by', issues: [two.itemId] });
    expect(added.status).toBe(201);
    const other = (await world.tracker('GET', `work-items/${two.itemId}/relations/`)).body;
    expect(other.blocking).toEqual([{ project_id: world.sandbox.projectId, issue_id: one.itemId }]);
  });

  test('a deleted item is gone, and no webhook says so', async () => {
    const { itemId } = await world.sandbox.asPerson.createItem('short lived');
    await until(() => deliveries().length === 1, 'the creation was delivered');
    expect((await world.tracker('DELETE', `work-items/${itemId}/`)).status).toBe(204);
    expect((await world.tracker('GET', `work-items/${itemId}/`)).status).toBe(404);
    expect(world.sandbox.tracker.pending()).toBe(0);
  });
});

describe('webhooks', () => {
  test('a change is signed over the very bytes that are sent, in the form that Python writes', async () => {
    const { itemId } = await world.sandbox.asPerson.createItem('Grüße & <Küsse> 😀');
    await world.sandbox.asPerson.setStatus(itemId, 'Approved');
    await until(() => deliveries().length === 2, 'both deliveries arrived');
    for (const { raw, headers } of deliveries()) {
      const expected = createHmac('sha256', world.sandbox.secrets.plane).update(raw).digest('hex');
      expect(headers['x-plane-signature']).toBe(expected);
      expect(headers['user-agent']).toBe('Autopilot');
    }
    const text = deliveries()[1]?.raw.toString('latin1') ?? '';
    expect(text).toContain('"name": "Gr\\u00fc\\u00dfe & <K\\u00fcsse> \\ud83d\\ude00", ');
    expect(text).toContain('"sort_order": 75535.0, ');
  });

  test('the keys of a delivery stand in the order in which the real tracker writes them', async () => {
    const { itemId } = await world.sandbox.asPerson.createItem('An item');
    await world.sandbox.asPerson.setStatus(itemId, 'Approved');
    await until(() => deliveries().length === 2, 'both deliveries arrived');
    const body = deliveries()[1]?.body ?? {};
    expect(Object.keys(body)).toEqual(['event', 'action', 'webhook_id', 'workspace_id', 'data', 'activity']);
    expect(Object.keys(body['data'] as object)).toEqual(DATA_KEYS);
    expect(body['data']).toMatchObject({ state: { name: 'Approved', group: 'started' } });
    const actor = { id: world.sandbox.accounts.trackerPersonId, display_name: 'alice' };
    expect(body['activity']).toMatchObject({ field: 'state', new_value: await world.statusId('Approved'), actor });
  });

  test('one request that changes two keys is delivered twice', async () => {
    const { itemId } = await world.sandbox.asPerson.createItem('An item');
    const state = await world.statusId('Todo');
    await world.tracker('PATCH', `work-items/${itemId}/`, { state, priority: 'high', unknown: 1 });
    await until(() => deliveries().length === 3, 'all deliveries arrived');
    const fields = deliveries().map(({ body }) => (body['activity'] as { field: string | null }).field);
    expect(fields).toEqual([null, 'state', 'priority']);
  });

  test('a receiver that cannot be reached gets the same bytes later under another delivery id', async () => {
    world.sandbox.sendWebhooksTo({ plane: 'http://127.0.0.1:9/nobody', gitea: null });
    await world.sandbox.asPerson.createItem('patient');
    await until(() => world.sandbox.tracker.state.outbox[0]?.body !== null, 'the first attempt was made');
    const fixed = world.sandbox.tracker.state.outbox[0]?.body;
    await world.restart();
    await until(() => deliveries().length === 1, 'the delivery arrived after all');
    expect(deliveries()[0]?.raw.toString('utf8')).toBe(fixed);
  });

  test('any answer counts as delivered, a failure too', async () => {
    world.receiver.answerWith(500);
    await world.sandbox.asPerson.createItem('said no');
    await until(() => world.sandbox.tracker.pending() === 0, 'nothing is on its way');
    expect(deliveries()).toHaveLength(1);
  });

  test('webhooks can be lost, doubled and turned around', async () => {
    const { faults } = world.sandbox.tracker;
    const names = () => deliveries().map(({ body }) => (body['data'] as { name: string }).name);
    faults.loseWebhooks(1);
    await world.sandbox.asPerson.createItem('lost');
    await until(() => world.sandbox.tracker.pending() === 0, 'the first one is gone');
    faults.doubleWebhooks(1);
    await world.sandbox.asPerson.createItem('doubled');
    await until(() => names().length === 2, 'the second one came twice');
    faults.reorderWebhooks(2);
    await world.sandbox.asPerson.createItem('early');
    await world.sandbox.asPerson.createItem('late');
    await until(() => names().length === 4, 'both came');
    expect(names()).toEqual(['doubled', 'doubled', 'late', 'early']);
  });
});

describe('faults', () => {
  test('an answer can be lost after the change was made', async () => {
    world.sandbox.tracker.faults.answerAfterCommitWithTimeout(1);
    const { trackerUrl, workspace, projectId, tokens } = world.sandbox;
    const url = `${trackerUrl}/api/v1/workspaces/${workspace}/projects/${projectId}/work-items/`;
    const headers = { 'x-api-key': tokens.trackerBot, 'content-type': 'application/json' };
    const body = JSON.stringify({ name: 'half known' });
    await expect(fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(200) })).rejects.toThrow();
    expect((await world.tracker('GET', 'work-items/')).body.total_count).toBe(1);
  });

  test('while it is down nobody is answered', async () => {
    world.sandbox.tracker.faults.down(true);
    await expect(world.tracker('GET', 'states/')).rejects.toThrow();
    world.sandbox.tracker.faults.down(false);
    expect((await world.tracker('GET', 'states/')).status).toBe(200);
  });
});

/** Of the recorded delivery `raw-issue-updated-state-approved`. */
const DATA_KEYS = [
  ...['id', 'labels', 'assignees', 'state', 'description', 'created_at', 'updated_at', 'deleted_at', 'point', 'name'],
  ...['description_json', 'description_html', 'description_stripped', 'description_binary', 'priority', 'start_date'],
  ...['target_date', 'sequence_id', 'sort_order', 'completed_at', 'archived_at', 'is_draft', 'external_source'],
  ...['external_id', 'created_by', 'updated_by', 'project', 'workspace', 'parent', 'estimate_point', 'type'],
];

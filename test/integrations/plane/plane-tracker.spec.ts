import { afterEach, describe, expect, test } from '@jest/globals';
import type { PlaneTracker } from '../../../src/integrations/plane/plane-tracker.js';
import { TrackerRefused, TrackerUnavailable } from '../../../src/integrations/tracker.js';
import type { PlayedServer } from '../played-server.js';
import { asking, broken, failure, item, page } from './asking.js';

let server: PlayedServer;
afterEach(() => server?.close());

async function trackerThatAnswers(...how: Parameters<typeof asking>): Promise<PlaneTracker> {
  const opened = await asking(...how);
  server = opened.server;
  return opened.tracker;
}

describe('every call to Plane', () => {
  test('has a slash at the end of its path and the key in its header', async () => {
    const tracker = await trackerThatAnswers(({ method, path }) => {
      if (path.endsWith('/me/')) return { status: 200, body: { id: 'bot' } };
      if (method === 'GET' && path.endsWith('/item/'))
        return { status: 200, body: item('item', '2026-05-12T09:00:00Z') };
      return method === 'GET' ? page([]) : { status: 200, body: { state: 'done' } };
    });
    await tracker.ownAccountId();
    await tracker.statuses('p');
    await tracker.workItem('p', 'item');
    await tracker.changedSince('p', null);
    await tracker.statusHistory('p', 'item');
    await tracker.setStatus('p', 'item', 'done');
    await tracker.comment('p', 'item', { key: 'k', text: 'hello' });
    expect(server.seen).toHaveLength(7);
    expect(server.seen.filter(({ path }) => !path.endsWith('/'))).toEqual([]);
    expect(server.seen.filter(({ headers }) => headers['x-api-key'] !== 'secret-key')).toEqual([]);
  });

  test('is given up after the time limit', async () => {
    const tracker = await trackerThatAnswers(() => null, { timeoutMs: 50 });
    const error = await failure(tracker.workItem('p', 'item'));
    expect(error).toBeInstanceOf(TrackerUnavailable);
    expect(String(error)).toContain('nothing within 50 ms');
  });

  test('says that the tracker is unavailable when nobody listens there, without the key', async () => {
    const tracker = await trackerThatAnswers(() => broken);
    await server.close();
    const error = await failure(tracker.statuses('p'));
    expect(error).toBeInstanceOf(TrackerUnavailable);
    expect(String(error)).toMatch(/GET .*\/states\/.* got no answer: .*ECONNREFUSED/);
    expect(String(error)).not.toContain('secret-key');
  });

  test.each([
    ['a web page', '<html>maintenance</html>'],
    ['nothing', null],
    ['a list of something else', { hello: 'world' }],
  ])('that is answered with %s says that the tracker is unavailable', async (_what, body) => {
    const tracker = await trackerThatAnswers(() => ({ status: 200, body }));
    expect(await failure(tracker.statuses('p'))).toBeInstanceOf(TrackerUnavailable);
    expect(await failure(tracker.workItem('p', 'item'))).toBeInstanceOf(TrackerUnavailable);
  });

  test('that is redirected is refused with the variable to check, and not repeated elsewhere', async () => {
    const tracker = await trackerThatAnswers(() => ({ status: 301, headers: { location: '/elsewhere/' }, body: null }));
    const error = await failure(tracker.setStatus('p', 'item', 'done'));
    expect(error).toBeInstanceOf(TrackerRefused);
    expect(String(error)).toContain('check ORCH_PLANE_URL');
    expect(server.seen).toHaveLength(1);
  });
});

describe('the budget of calls', () => {
  test('ends with the time after which to come back, before the tracker has to refuse', async () => {
    const tracker = await trackerThatAnswers(() => ({ status: 200, body: item('item', '2026-05-12T09:00:00Z') }), {
      rateLimitPerMin: 2,
    });
    await tracker.workItem('p', 'item');
    await tracker.workItem('p', 'item');
    const error = await failure(tracker.workItem('p', 'item'));
    expect(error).toBeInstanceOf(TrackerUnavailable);
    expect((error as TrackerUnavailable).retryAfterMs).toBeGreaterThan(50_000);
    expect((error as TrackerUnavailable).retryAfterMs).toBeLessThanOrEqual(60_000);
    expect(server.seen).toHaveLength(2);
  });

  test('is closed as long as the tracker asks for after a 429', async () => {
    const tracker = await trackerThatAnswers(() => ({
      status: 429,
      headers: { 'Retry-After': '37' },
      body: { error_code: 5900, error_message: 'RATE_LIMIT_EXCEEDED' },
    }));
    expect(await failure(tracker.workItem('p', 'item'))).toMatchObject({ retryAfterMs: 37_000 });
    const second = (await failure(tracker.setStatus('p', 'item', 'done'))) as TrackerUnavailable;
    expect(second.retryAfterMs).toBeGreaterThan(30_000);
    expect(server.seen).toHaveLength(1);
  });
});

describe('a work item', () => {
  test('is plain text without its markup', async () => {
    const html = '<h1>Why</h1><p>a &lt;b&gt;<br>c</p><ul><li>x</li></ul><script>alert(1)</script><img src="y" alt="z">';
    const tracker = await trackerThatAnswers(() => ({
      status: 200,
      body: item('item', '2026-05-12T09:00:00Z', { description_html: html }),
    }));
    expect((await tracker.workItem('p', 'item'))?.description).toBe('Why\n\na <b>\nc\n\n * x');
  });

  test('without a description has an empty one', async () => {
    const body = item('item', '2026-05-12T09:00:00Z', { description_html: null });
    const tracker = await trackerThatAnswers(() => ({ status: 200, body }));
    expect((await tracker.workItem('p', 'item'))?.description).toBe('');
  });

  test('is gone only when Plane itself says so, not when a web page in front of it does', async () => {
    const tracker = await trackerThatAnswers(() => ({ status: 404, body: '<html>404 Not Found</html>' }));
    expect(await failure(tracker.workItem('p', 'item'))).toBeInstanceOf(TrackerUnavailable);
  });

  test('that keeps its status although another was asked for is a refusal', async () => {
    const tracker = await trackerThatAnswers(() => ({ status: 200, body: item('item', '2026-05-12T09:00:00Z') }));
    const error = await failure(tracker.setStatus('p', 'item', 'done'));
    expect(String(error)).toContain('work item item stayed in status todo when done was asked for');
    expect(server.seen[0]?.body).toEqual({ state: 'done' });
  });
});

describe('what changed since a moment', () => {
  test('ends with the first item that changed before it, without asking for further pages', async () => {
    const tracker = await trackerThatAnswers(({ query }) =>
      query.get('cursor') === null
        ? page([item('c', '2026-05-12T12:00:00Z'), item('b', '2026-05-12T11:00:00Z')], '100:1:0')
        : page([item('a', '2026-05-12T10:00:00Z'), item('old', '2026-05-12T08:00:00Z')], '100:2:0'),
    );
    const items = await tracker.changedSince('p', '2026-05-12T10:00:00.000Z');
    expect(items.map(({ itemId }) => itemId)).toEqual(['c', 'b', 'a']);
    expect(server.seen).toHaveLength(2);
    expect(server.seen[0]?.query.get('order_by')).toBe('-updated_at');
  });

  test('is a matter of instants, whatever the time zone of the account', async () => {
    const tracker = await trackerThatAnswers(() =>
      page([item('later', '2026-05-12T15:30:00.5+05:30'), item('earlier', '2026-05-12T15:29:59+05:30')]),
    );
    const items = await tracker.changedSince('p', '2026-05-12T10:00:00.000Z');
    expect(items.map(({ itemId }) => itemId)).toEqual(['later']);
  });

  test('names an item once that moved from page to page, and is not stopped by one that cannot be read', async () => {
    const tracker = await trackerThatAnswers(({ query }) =>
      query.get('cursor') === null
        ? page([item('b', '2026-05-12T11:00:00Z'), { id: 'nonsense' }], '100:1:0')
        : page([item('b', '2026-05-12T11:00:00Z'), item('a', '2026-05-12T10:00:00Z')]),
    );
    const items = await tracker.changedSince('p', null);
    expect(items.map(({ itemId }) => itemId)).toEqual(['b', 'a']);
  });

  test('is not read for ever when the server sends the same page again and again', async () => {
    const tracker = await trackerThatAnswers(() => page([item('a', '2026-05-12T10:00:00Z')], '100:1:0'));
    expect(String(await failure(tracker.changedSince('p', null)))).toContain('without saying where it begins');
  });
});

describe('the history of a work item', () => {
  const activity = (field: string | null, at: string, to: string | null) => ({
    ...{ verb: 'updated', field, old_identifier: 'todo', new_identifier: to, actor: 'alice', created_at: at },
  });

  test('names changes of status only, oldest first and in UTC', async () => {
    const tracker = await trackerThatAnswers(() =>
      page([
        activity('state', '2026-05-12T15:30:00+05:30', 'done'),
        activity('priority', '2026-05-12T09:00:00Z', null),
        activity(null, '2026-05-12T08:00:00Z', null),
        activity('state', '2026-05-12T09:30:00Z', 'review'),
      ]),
    );
    expect(await tracker.statusHistory('p', 'item')).toEqual([
      { fromId: 'todo', toId: 'review', actorId: 'alice', at: '2026-05-12T09:30:00.000Z' },
      { fromId: 'todo', toId: 'done', actorId: 'alice', at: '2026-05-12T10:00:00.000Z' },
    ]);
  });
});

describe('a comment', () => {
  test('carries its key, keeps its lines, and cannot become markup', async () => {
    const tracker = await trackerThatAnswers(() => ({ status: 201, body: { id: 'comment' } }));
    await tracker.comment('p', 'item', { key: 'effect-7', text: 'Sent back:\n<script>"x" & y\n\nPlease look.' });
    expect(server.seen[0]?.body).toEqual({
      comment_html: '<p>Sent back:<br>&lt;script&gt;&quot;x&quot; &amp; y</p><p>Please look.</p>',
      external_source: 'orchestrator',
      external_id: 'effect-7',
    });
  });

  test('that is refused for another reason than its key is refused', async () => {
    const tracker = await trackerThatAnswers(() => ({
      status: 404,
      body: { error: 'The requested resource does not exist.' },
    }));
    expect(await failure(tracker.comment('p', 'item', { key: 'k', text: 'x' }))).toBeInstanceOf(TrackerRefused);
  });
});

describe('the own account', () => {
  test('is asked for once', async () => {
    const tracker = await trackerThatAnswers(() => ({ status: 200, body: { id: 'bot', display_name: 'Bot' } }));
    expect([await tracker.ownAccountId(), await tracker.ownAccountId()]).toEqual(['bot', 'bot']);
    expect(server.seen).toHaveLength(1);
  });
});

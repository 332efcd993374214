import { afterEach, describe, expect, test } from '@jest/globals';
import { LogUnavailable } from '../../src/event-log/errors.js';
import { Doors } from '../support/doors.js';
import { TaskStory } from '../support/task-story.js';
import { BackgroundStats } from '../../src/kernel/background-stats.js';
import { MetricsController } from '../../src/http/metrics.controller.js';
import type { Measure } from '../../src/kernel/metrics.js';
import { Projector } from '../../src/projections/engine/projector.js';
import { until } from '../support/until.js';

const TOKEN = 'a-long-secret';
const PROTECTED = ['/status', '/queue', '/metrics', '/graphql', '/graphql?query=%7B__typename%7D', '/nowhere'];

let doors: Doors;

afterEach(() => doors.close());

describe('a probe', () => {
  test('is told the version, the kind of log and its position', async () => {
    doors = await Doors.open();
    await new TaskStory(doors.log).open();
    const { status, body } = await doors.get('/health');
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: 'ok', service: 'orchestrator', event_log: 'sqlite', position: 3 });
    expect(body.version).toMatch(/^\d+\.\d+\.\d+/);
  });

  test('is told who leads, since when, and until when if nothing more is heard', async () => {
    doors = await Doors.open();
    const nobody = { leads: false, holder: null, term: null, since: null, until: null };
    expect((await doors.get('/health')).body.leadership).toEqual(nobody);
    const stats = doors.app.get(BackgroundStats);
    const since = '2026-01-01T00:00:00.000Z';
    stats.lead = { holder: 'vm-1', host: 'vm', term: 3, since, isOurs: true };
    stats.leadHeldMs = () => 5_000;
    const { leadership } = (await doors.get('/health')).body;
    expect(leadership).toMatchObject({ leads: true, holder: 'vm-1', term: 3, since });
    expect(Date.parse(leadership.until)).toBeGreaterThan(Date.parse(since));
  });

  test('is told why when the log cannot be read', async () => {
    doors = await Doors.open();
    doors.log.head = () => Promise.reject(new LogUnavailable('The disk is gone'));
    const { status, body } = await doors.get('/health');
    expect(status).toBe(503);
    expect(body).toMatchObject({ status: 'degraded', reason: 'The disk is gone', position: null });
    expect((await doors.get('/ready')).status).toBe(503);
  });

  test('learns that the tables are behind, and when they have caught up', async () => {
    doors = await Doors.open();
    await until(async () => (await doors.get('/ready')).status === 200, 'an empty log is caught up');
    const head = doors.log.head.bind(doors.log);
    doors.log.head = () => Promise.resolve(10);
    expect(await doors.get('/ready')).toMatchObject({
      status: 503,
      body: { status: 'catching-up', position: 0, head: 10, lag: 10 },
    });
    doors.log.head = head;
    expect((await doors.get('/ready')).body).toMatchObject({ status: 'ready', lag: 0 });
  });
});

describe('the status', () => {
  test('lists the tasks in no terminal stage with the job that is active', async () => {
    doors = await Doors.open();
    const story = new TaskStory(doors.log, 'ET-001');
    await story.open();
    await story.claim(await story.queueJob('analyst'));
    const done = new TaskStory(doors.log, 'ET-002');
    await done.open();
    await done.advance('done');
    await doors.caughtUp();
    const { tasks } = (await doors.get('/status')).body;
    expect(tasks).toEqual([
      {
        id: story.taskId,
        work_item_id: 'ET-001',
        repo: 'enduro-trails',
        stage: 'analysis',
        title: 'Add a map',
        branch: 'feature/ET-001-add-a-map',
        paused_at: null,
        active_job: { id: expect.any(Number), agent: 'analyst', status: 'running' },
        stage_entered_at: expect.stringMatching(/^\d{4}-.*Z$/),
      },
    ]);
  });
});

describe('the queue', () => {
  test('has every documented key, also when nothing has happened yet', async () => {
    doors = await Doors.open();
    const { body } = await doors.get('/queue');
    const keys =
      'counts max_concurrency poll_interval resilience reconcile reaper post_deploy merge_leases serial_gate budget leadership hosts recent position';
    expect(Object.keys(body).sort()).toEqual(keys.split(' ').sort());
    expect(body.counts).toEqual({ queued: 0, running: 0, done: 0, failed: 0 });
    expect(Object.keys(body.reconcile)).toEqual([
      'enabled',
      'plane_enabled',
      'interval',
      'last_run_ts',
      'unblocked_total',
      'last_unblocked',
      'last_unblocked_at',
      'sources',
    ]);
    expect(body.reaper).toEqual({
      enabled: true,
      interval: 60,
      last_run_ts: null,
      reaped_total: 0,
      reaped_by_outcome: { done: 0, queued: 0, failed: 0, cancelled: 0 },
      last_reaped: null,
      lease_reclaimed_total: 0,
    });
    expect(body.serial_gate).toMatchObject({
      enabled: true,
      freeze_enabled: true,
      pause_enabled: true,
      repos: '',
      per_repo: {},
    });
    expect(body.post_deploy).toEqual({ enabled: true, active: [], last: null });
  });

  test('shows the flags as they are set', async () => {
    doors = await Doors.open({
      ORCH_REAPER_ENABLED: 'false',
      ORCH_SERIAL_GATE_REPOS: 'alpha,beta',
      ORCH_MAX_CONCURRENCY: '3',
    });
    const { body } = await doors.get('/queue');
    expect(body).toMatchObject({
      max_concurrency: 3,
      reaper: { enabled: false },
      serial_gate: { repos: 'alpha,beta' },
    });
  });

  test('counts jobs by status and shows the ten newest', async () => {
    doors = await Doors.open();
    const story = new TaskStory(doors.log);
    await story.open();
    for (let count = 0; count < 11; count += 1) await story.work('analyst');
    await story.queueJob('analyst');
    await doors.caughtUp();
    const { body } = await doors.get('/queue');
    expect(body.counts).toEqual({ queued: 1, running: 0, done: 11, failed: 0 });
    expect(body.recent).toHaveLength(10);
    expect(body.recent[0]).toMatchObject({ status: 'queued', work_item_id: 'ET-001' });
    expect(body.budget).toMatchObject({ day_usd: 0, spent_today_usd: 11 * 0.25 });
  });

  test('answers as of a position or a time', async () => {
    doors = await Doors.open();
    const story = new TaskStory(doors.log);
    await story.open();
    const job = await story.queueJob('analyst');
    await story.claim(job);
    await doors.caughtUp();
    const counts = async (at: string | number) => (await doors.get(`/queue?at=${at}`)).body.counts;
    expect(await counts(job.position)).toMatchObject({ queued: 1, running: 0 });
    expect(await counts(job.position + 1)).toMatchObject({ queued: 0, running: 1 });
    expect(await counts('2999-01-01T00:00:00Z')).toMatchObject({ running: 1 });
    expect(await counts('1999-01-01T00:00:00Z')).toMatchObject({ queued: 0, running: 0 });
    const { status, body } = await doors.get('/queue?at=yesterday');
    expect(status).toBe(400);
    expect(body.error).toMatchObject({
      code: 'bad-request',
      message: expect.stringContaining("'yesterday' is neither"),
    });
  });
});

describe('an error', () => {
  test('has a code and a sentence, and nothing of the inside', async () => {
    doors = await Doors.open();
    expect(await doors.get('/nowhere')).toMatchObject({
      status: 404,
      body: { error: { code: 'not-found', message: 'Cannot GET /nowhere' } },
    });
    await new TaskStory(doors.log).open();
    doors.log.readAll = () => Promise.reject(new Error('SELECT * FROM secrets'));
    expect(await doors.get('/queue?at=2026-01-01T00:00:00Z')).toMatchObject({
      status: 500,
      body: { error: { code: 'internal-error', message: expect.not.stringContaining('secrets') } },
    });
  });
});

describe('with a token', () => {
  test('everything but probes and webhooks asks for it', async () => {
    doors = await Doors.open({ ORCH_API_TOKEN: TOKEN });
    for (const path of PROTECTED) {
      expect({ path, ...(await doors.get(path)) }).toMatchObject({
        path,
        status: 401,
        body: { error: { code: 'unauthorized' } },
      });
      expect((await doors.get(path, { authorization: `Bearer ${TOKEN}x` })).status).toBe(401);
      expect((await doors.get(path, { authorization: `Bearer ${TOKEN}` })).status).not.toBe(401);
    }
    expect((await doors.post('/graphql', { query: '{ __schema { types { name } } }' })).status).toBe(401);
    expect((await doors.get('/health')).status).toBe(200);
    expect((await doors.get('/ready')).status).not.toBe(401);
    expect((await doors.post('/webhook/plane', {})).status).not.toBe(401);
  });

  test('a browser may give it as a password, but only for our own pages', async () => {
    doors = await Doors.open({ ORCH_API_TOKEN: TOKEN });
    const authorization = `Basic ${Buffer.from(`me:${TOKEN}`).toString('base64')}`;
    const from = async (site: string) => (await doors.get('/queue', { authorization, 'sec-fetch-site': site })).status;
    expect([await from('same-origin'), await from('none'), await from('cross-site')]).toEqual([200, 200, 401]);
  });
});

describe('the metrics', () => {
  test('say whether this orchestrator leads, in which term, for how long, and how many hosts it has', async () => {
    doors = await Doors.open();
    const stats = new BackgroundStats();
    const read = new Map<string, Measure['read']>();
    const metrics = {
      contentType: '',
      text: async () => '',
      watch: (one: Measure) => void read.set(one.name, one.read),
    };
    new MetricsController(metrics, doors.app.get(Projector), stats).onModuleInit();
    const names = ['leads', 'lead_term', 'lead_held_seconds', 'hosts_reachable'];
    const figures = () => Promise.all(names.map(async (name) => read.get(`orchestrator_${name}`)?.()));
    expect(await figures()).toEqual([0, -1, 0, 0]);
    stats.lead = { holder: 'vm-1', host: 'vm', term: 3, since: '', isOurs: true };
    stats.leadHeldMs = () => 5_000;
    stats.hosts = () => [{ name: 'vm-1', slots: 2 }];
    expect(await figures()).toEqual([1, 3, 5, 1]);
  });

  test('are given in the form that a scraper reads', async () => {
    doors = await Doors.open();
    expect(await doors.get('/metrics')).toMatchObject({ status: 200, text: 'orchestrator_up 1\n' });
  });
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Sandbox } from '../../../src/sandbox/sandbox.js';
import type { WorkItem } from '../../support/running/work-item.js';
import { World } from '../../support/running/world.js';
import { temporaryFolders } from '../../support/temporary-folder.js';
import { until } from '../../support/until.js';

const SCENARIO_MS_MAX = 240_000;
const STAGES = ['analysis', 'architecture', 'development', 'review', 'testing', 'deploy-staging', 'deploy', 'done'];

let world: World<Sandbox>;

beforeAll(async () => {
  world = await World.here(await folder(), { ORCH_JOB_BACKOFF_BASE_S: '0.5' });
}, SCENARIO_MS_MAX);
afterAll(() => world.end(), SCENARIO_MS_MAX);
const folder = temporaryFolders();

const lose = (all: boolean) => {
  for (const { faults } of [world.sandbox.tracker, world.sandbox.forge]) faults.loseWebhooks(all ? () => true : 0);
};

/** Everything that could have happened twice. */
async function nothingTwice(item: WorkItem): Promise<void> {
  expect(await item.course()).toEqual(STAGES);
  for (const type of ['TaskOpened', 'ApprovalGiven', 'MergeRequested', 'ChangeMerged']) {
    expect([type, (await item.events(type)).length]).toEqual([type, 1]);
  }
  expect(await item.events('JobQueued')).toHaveLength(5);
  expect(await item.events('DeployRequested')).toHaveLength(2);
  const pulls = await world.pullRequests();
  const { branch } = await item.task('branch');
  expect(pulls.filter(({ head }) => head.ref === branch).map(({ merged }) => merged)).toEqual([true]);
  const said = (await item.comments()).map((text) => text.replace(/[\d.]+/g, 'n'));
  expect(said.filter((text) => text.includes('waits for approval'))).toHaveLength(1);
  expect(said.filter((text) => text.includes('done.')).length).toBeLessThanOrEqual(1);
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test reads what it expects of the answer
async function queue(): Promise<any> {
  return (await fetch(`${world.service.url}/queue`)).json();
}

describe('a task whose every webhook', () => {
  test(
    'is lost still reaches done, found by the looks of the reconciler; the losses are counted and reported (SC-04, SC-06, WHP-21)',
    async () => {
      lose(true);
      const item = await world.startItem('Nobody tells');
      await item.isApproved();
      await item.reaches('done');
      await nothingTwice(item);
      const gestures = ['in_progress', 'approved'];
      const entries = (await item.events('StatusEntered')).filter(
        ({ data }) => !data.ours && gestures.includes(data.toKey),
      );
      expect(entries.map(({ data }) => `${data.toKey} ${data.via}`)).toEqual(['in_progress poll', 'approved poll']);
      const unblocked = await item.events('TaskUnblocked');
      expect(unblocked.map(({ data }) => data.stage)).toContain('development');
      const { reconcile } = await queue();
      expect(reconcile).toMatchObject({ unblocked_total: unblocked.length, last_unblocked: item.name });
      expect(reconcile.sources.plane).toMatchObject({ told_by_webhook: 0, found_by_poll: 2, loss_rate: 1 });
      lose(false);
    },
    SCENARIO_MS_MAX,
  );

  test(
    'comes twice, late and in another order does everything once (AMB-35, RC-26)',
    async () => {
      const { tracker, forge } = world.sandbox;
      for (const { faults } of [tracker, forge]) {
        faults.doubleWebhooks(() => true);
        faults.delayWebhooks(150);
        faults.reorderWebhooks(3);
      }
      const item = await world.startItem('Told again and again');
      await item.isApproved();
      for (const { faults } of [tracker, forge]) faults.reorderWebhooks(3);
      await item.reaches('done');
      await nothingTwice(item);
      for (const { faults } of [tracker, forge]) {
        faults.doubleWebhooks(0);
        faults.delayWebhooks(0);
        faults.reorderWebhooks(0);
      }
    },
    SCENARIO_MS_MAX,
  );
});

describe('an outage', () => {
  test(
    'of tracker and forge holds a task up, is shown, and is made up for, though slow answers, failures and web pages follow it',
    async () => {
      const { tracker, forge } = world.sandbox;
      const item = await world.startItem('Interrupted', '[[developer: sleep 2s]]');
      await item.isApproved();
      const { data } = await item.happens('JobQueued', ({ agent }) => agent === 'developer', 'development begins');
      await item.happens('RunStarted', ({ jobId }) => jobId === data.jobId, 'the developer runs');
      tracker.faults.down(true);
      forge.faults.down(true);
      await item.happens('RunEnded', ({ jobId }) => jobId === data.jobId, 'the developer has ended');
      const failingSince = async () => (await queue()).resilience.systems.plane.failing_since;
      await until(async () => (await failingSince()) !== null, 'the tracker is shown as failing', 30_000);
      // The doors stay open meanwhile: what is not signed is refused, and nobody is asked about it.
      const headers = { 'content-type': 'application/json' };
      const door = await fetch(`${world.service.url}/webhook/plane`, { method: 'POST', headers, body: '{}' });
      expect(door.status).toBe(401);
      expect((await fetch(`${world.service.url}/health`)).status).toBe(200);
      for (const { faults } of [tracker, forge]) {
        faults.slow(40);
        faults.down(false);
      }
      forge.faults.failRequests(3, (_method, path) => path.startsWith('/api/'));
      tracker.faults.failRequests(2, (_method, path) => path.endsWith('/comments/'));
      tracker.faults.talkNonsense(2, (method, path) => method === 'GET' && !path.endsWith('/states/'));
      await item.reaches('done');
      for (const { faults } of [tracker, forge]) faults.slow(0);
      await nothingTwice(item);
      await until(async () => (await failingSince()) === null, 'the tracker is no longer shown as failing', 60_000);
    },
    SCENARIO_MS_MAX,
  );
});

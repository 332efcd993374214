import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { FaultName } from '../../support/running/sandbox-process.js';
import type { WorkItem } from '../../support/running/work-item.js';
import { World } from '../../support/running/world.js';
import { temporaryFolders } from '../../support/temporary-folder.js';
import { until } from '../../support/until.js';

const SCENARIO_MS_MAX = 240_000;
/** Longer than the gate's first look, so that something has to find out that it became green. */
const SLOW_CI = ['sleep', '3'] as const;
const STAGES = ['analysis', 'architecture', 'development', 'review', 'testing', 'deploy-staging', 'deploy', 'done'];

let world: World;

beforeAll(async () => {
  world = await World.start(await folder(), { ORCH_JOB_BACKOFF_BASE_S: '0.5' }, { ciCommand: SLOW_CI });
}, SCENARIO_MS_MAX);
afterAll(() => world.end(), SCENARIO_MS_MAX);
const folder = temporaryFolders();

const SERVERS = ['tracker', 'forge'] as const;

/** The same switch of both servers. */
async function both(...fault: readonly [FaultName, ...(number | boolean)[]]): Promise<void> {
  await Promise.all(SERVERS.map((server) => world.sandbox.fault(server, ...fault)));
}

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
      await both('loseWebhooks', Infinity);
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
      await both('loseWebhooks', 0);
    },
    SCENARIO_MS_MAX,
  );

  test(
    'comes twice, late and in another order does everything once (AMB-35, RC-26)',
    async () => {
      await both('doubleWebhooks', Infinity);
      await both('delayWebhooks', 150);
      await both('reorderWebhooks', 3);
      const item = await world.startItem('Told again and again');
      await item.isApproved();
      await both('reorderWebhooks', 3);
      await item.reaches('done');
      await nothingTwice(item);
      await both('doubleWebhooks', 0);
      await both('delayWebhooks', 0);
      await both('reorderWebhooks', 0);
    },
    SCENARIO_MS_MAX,
  );
});

describe('an outage', () => {
  test(
    'of tracker and forge holds a task up, is shown, and is made up for, though slow answers, failures and web pages follow it',
    async () => {
      const item = await world.startItem('Interrupted', '[[developer: sleep 2s]]');
      await item.isApproved();
      const { data } = await item.happens('JobQueued', ({ agent }) => agent === 'developer', 'development begins');
      await item.happens('RunStarted', ({ jobId }) => jobId === data.jobId, 'the developer runs');
      await both('down', true);
      await item.happens('RunEnded', ({ jobId }) => jobId === data.jobId, 'the developer has ended');
      const failingSince = async () => (await queue()).resilience.systems.plane.failing_since;
      await until(async () => (await failingSince()) !== null, 'the tracker is shown as failing', 30_000);
      // The doors stay open meanwhile: what is not signed is refused, and nobody is asked about it.
      const headers = { 'content-type': 'application/json' };
      const door = await fetch(`${world.service.url}/webhook/plane`, { method: 'POST', headers, body: '{}' });
      expect(door.status).toBe(401);
      expect((await fetch(`${world.service.url}/health`)).status).toBe(200);
      const { sandbox } = world;
      await sandbox.fault('forge', 'failRequests', 3, / \/api\//);
      await sandbox.fault('tracker', 'failRequests', 2, /\/comments\/$/);
      await sandbox.fault('tracker', 'talkNonsense', 2, /^GET (?!.*\/states\/$)/);
      await both('slow', 40);
      await both('down', false);
      await item.reaches('done');
      await both('slow', 0);
      await nothingTwice(item);
      await until(async () => (await failingSince()) === null, 'the tracker is no longer shown as failing', 60_000);
    },
    SCENARIO_MS_MAX,
  );
});

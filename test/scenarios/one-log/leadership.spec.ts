import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { RecordedEvent } from '../../../src/kernel/event.js';
import type { BuiltOrchestrator } from '../../support/built/built-orchestrator.js';
import { ServerProcess } from '../../support/eventstore/server-process.js';
import type { WorkItem } from '../../support/running/work-item.js';
import { stopBetweenCommits } from '../../support/running/stopped.js';
import { World } from '../../support/running/world.js';
import { temporaryFolders } from '../../support/temporary-folder.js';
import { until } from '../../support/until.js';

const START_MS_MAX = 240_000;
const LEASE_S = 3;
const folder = temporaryFolders();

type Store = 'sqlite' | 'eventstoredb';

describe.each<Store>(['sqlite', 'eventstoredb'])(
  'two orchestrators on one log in %s, whose leader is stopped',
  (kind) => {
    let server: ServerProcess | undefined;
    let world: World;
    let standBy: BuiltOrchestrator;
    let item: WorkItem;
    let takenOverMs: number;
    let exitCode: unknown;

    beforeAll(async () => {
      const home = await folder();
      server = kind === 'eventstoredb' ? await ServerProcess.start() : undefined;
      const settings = {
        ORCH_EVENT_LOG: kind,
        ORCH_EVENT_LOG_PATH: join(home, 'shared.db'),
        ORCH_LEADER_LEASE_S: String(LEASE_S),
        ORCH_JOB_BACKOFF_BASE_S: '0.1',
        // The run of the stopped leader is given up by the reaper of the other one.
        ORCH_REAPER_INTERVAL_S: '0.3',
        ...(server ? { ORCH_EVENTSTORE_URL: server.url } : {}),
      };
      world = await World.start(home, settings);
      await mkdir(join(home, 'second'));
      standBy = await world.another(join(home, 'second'));
      item = await world.startItem('Take a discount off for first orders', 'New customers get a promotion.');
      await item.isApproved();
      await item.happens('JobClaimed', ({ agent }) => agent === 'developer');
      await stopBetweenCommits(
        world.service.process,
        server ? [] : [join(home, 'shared.db'), join(home, 'shared.db-lead')],
      );
      const stoppedAt = performance.now();
      await until(() => /"msg":"leads in term \d+, after/.test(standBy.output), 'the stand-by takes over', 60_000);
      takenOverMs = performance.now() - stoppedAt;
      const ended = once(world.service.process, 'exit');
      world.service.process.kill('SIGCONT');
      [exitCode] = await ended;
      await item.reaches('done');
      await item.happens(
        'NotificationDelivered',
        ({ text }) => text.includes('done.'),
        'the end is told under the item',
      );
    }, START_MS_MAX);

    afterAll(async () => {
      await standBy.stop();
      await world.end();
      await server?.stop();
    }, START_MS_MAX);

    test('the stand-by leads within the lease and a little', () => {
      expect(takenOverMs).toBeGreaterThan((LEASE_S * 1000) / 2);
      expect(takenOverMs).toBeLessThan(10_000);
    });

    test('the old leader wakes, finds itself replaced, and ends', () => {
      expect(exitCode).toBe(75);
      expect(world.service.output).toContain('leads since this orchestrator was last heard of');
    });

    test('every run was claimed once, by the one that led, and a job again only after it was given back', async () => {
      const events = await world.events();
      const takeover = events.find((event) => event.type === 'LeadTaken' && factsOf(event).from !== null);
      const claimers = (isBefore: boolean) =>
        events
          .filter(({ type, position }) => type === 'JobClaimed' && position < (takeover?.position ?? 0) === isBefore)
          .map((event) => factsOf(event).worker);
      expect([new Set(claimers(true)).size, new Set(claimers(false)).size]).toEqual([1, 1]);
      const running = new Set<string>();
      for (const { type, stream } of events) {
        if (type === 'JobClaimed') expect(running.has(stream)).toBe(false);
        if (type === 'JobClaimed') running.add(stream);
        if (type === 'JobRequeued' || type === 'JobSucceeded') running.delete(stream);
      }
    });

    test('nothing was done to the world twice', async () => {
      expect(await item.course()).toEqual([
        'analysis',
        'architecture',
        'development',
        'review',
        'testing',
        'deploy-staging',
        'deploy',
        'done',
      ]);
      expect((await world.pullRequests()).map(({ merged }) => merged)).toEqual([true]);
      expect((await world.git('rev-list', '--merges', 'main')).split('\n')).toHaveLength(1);
      const comments = await item.comments();
      expect(comments.filter((text) => text.includes('done.'))).toHaveLength(1);
      expect(comments.filter((text) => text.includes('approv'))).toHaveLength(1);
      const deploys = (await item.events('DeployRequested')).map(({ data }) => data.environment);
      expect(deploys).toEqual(['staging', 'production']);
      expect(await item.events('DeployStarted')).toHaveLength(2);
    });
  },
);

function factsOf({ data }: RecordedEvent): Readonly<Record<string, unknown>> {
  return data as Readonly<Record<string, unknown>>;
}

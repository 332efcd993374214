import { describe, expect, test } from '@jest/globals';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomFrom, someMomentLater } from '../support/running/moments.js';
import type { WorkItem } from '../support/running/work-item.js';
import { World } from '../support/running/world.js';
import { temporaryFolders } from '../support/temporary-folder.js';
import { until } from '../support/until.js';

/** Other moments: KILL_SEEDS=3,4,5. */
const SEEDS = (process.env['KILL_SEEDS'] ?? '11').split(',').map(Number);
const KILLS = 10;
const RUN_MS_MAX = 300_000;

const folder = temporaryFolders();

describe.each(SEEDS)('killed ten times at moments of seed %i', (seed) => {
  test(
    'a task reaches done, and nothing has been done twice',
    async () => {
      const world = await World.start(await folder());
      try {
        const item = await world.startItem('Survive', 'Whatever happens to the service.');
        await Promise.all([approvedByAPerson(item), killedAgainAndAgain(world, randomFrom(seed))]);
        await item.reaches('done');
        await item.happens('WorktreeRemoved');
        await item.happens('NotificationDelivered', ({ text }) => text.includes('done.'));
        await nothingIsDoubled(world, item);
      } finally {
        await world.end();
      }
    },
    RUN_MS_MAX,
  );
});

async function killedAgainAndAgain(world: World, random: () => number): Promise<void> {
  for (let kills = 0; kills < KILLS; kills += 1) {
    await someMomentLater(world, random);
    await world.kill();
    await world.launch();
  }
  await world.service.ready();
}

/** Looks at the tracker only, as a person does, whether the service is there or not. */
async function approvedByAPerson(item: WorkItem): Promise<void> {
  await until(async () => (await item.status()) === 'In Review', 'a person is asked for approval', RUN_MS_MAX);
  await item.moveTo('Approved');
}

async function nothingIsDoubled(world: World, item: WorkItem): Promise<void> {
  const stages = ['analysis', 'architecture', 'development', 'review', 'testing', 'deploy-staging', 'deploy', 'done'];
  expect(await item.course()).toEqual(stages);
  expect((await world.pullRequests()).map(({ merged }) => merged)).toEqual([true]);
  expect((await world.git('rev-list', '--merges', 'main')).split('\n')).toHaveLength(1);
  expect(await world.verifyLog()).toMatchObject({ intact: true });
  await everyJobHasOneOutcome(item);
  await everyRunWasStartedOnce(world);
  const comments = await item.comments();
  for (const words of ['done.', 'Approved']) expect(comments.filter((text) => text.includes(words))).toHaveLength(1);
  expect(comments.filter((text) => text.includes('this run cost'))).toHaveLength(5);
}

async function everyJobHasOneOutcome(item: WorkItem): Promise<void> {
  const ends = ['JobSucceeded', 'JobFailed', 'JobCancelled', 'DeployLogPublished'];
  const streams = (await item.events()).filter(({ type }) => ends.includes(type)).map(({ stream }) => stream);
  expect(new Set(streams).size).toBe(streams.length);
  expect(streams).toHaveLength(7);
  const ended = (await item.events('RunEnded')).map(({ data }) => data.runId);
  expect(new Set(ended).size).toBe(ended.length);
}

/** Asks the folders that the supervisors wrote, not the log: an agent says hello once, a hook checks everything once. */
async function everyRunWasStartedOnce(world: World): Promise<void> {
  const runs = join(world.dataDir, 'runs');
  for (const run of await readdir(runs)) {
    const output = await readFile(join(runs, run, 'stdout.ndjson'), 'utf8');
    const hellos = output.split('\n').filter((line) => /"subtype":"init"|"check":"A1"/.test(line));
    expect({ run, hellos: hellos.length }).toEqual({ run, hellos: 1 });
  }
}

import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LeftOvers } from '../../../src/effects/upkeep/left-overs.js';
import type { TaskRow } from '../../../src/projections/task/tasks.js';
import { Runs } from '../../queue/runs.js';
import { temporaryFolders } from '../../support/temporary-folder.js';
import { until } from '../../support/until.js';

Logger.overrideLogger(false);

const folder = temporaryFolders();
let runs: Runs;
let directories: string[];
beforeEach(() => {
  [runs, directories] = [new Runs(), []];
});
/** A supervisor writes until its run has ended. */
afterEach(async () => {
  for (const directory of directories) await runs.supervisor.stop(directory, 'the test is over');
  for (const directory of directories) await runs.supervisor.watch(directory);
  await runs.end();
});

/** A host on which two agents run, with worktrees of two items. */
async function host(rows: { readonly caughtUp?: boolean; readonly leads?: boolean } = {}) {
  const { caughtUp = true, leads = false } = rows;
  const home = await folder();
  const dataDir = runs.directory('data');
  for (const name of ['wanted', 'over']) {
    const directory = runs.directory(join('data', 'runs', name));
    directories.push(directory);
    await runs.start(directory, 'sleep 60');
  }
  for (const workItem of ['ET-001', 'ET-002', '.checkouts'])
    await mkdir(join(home, 'alpha', workItem), { recursive: true });
  const removed: string[] = [];
  const leftOvers = new LeftOvers({
    projector: { lag: async () => ({ caughtUp, position: 1, head: 1, failure: null }) },
    work: {
      unfinishedRuns: async () => ['wanted'],
      unfinishedTasks: async () => [{ work_item_id: 'ET-001' } as TaskRow],
    },
    supervisor: runs.supervisor,
    worktrees: { remove: async ({ workItem }) => void removed.push(workItem) },
    leadership: { leads },
    ...{ dataDir, worktreesDir: home, repos: ['alpha', 'unknown'] },
  });
  const stateOf = async (name: string) => (await runs.supervisor.inspect(join(dataDir, 'runs', name))).state;
  return { leftOvers, removed, stateOf };
}

test('a run whose attempt is over is stopped, and one that is wanted goes on', async () => {
  const { leftOvers, stateOf } = await host();
  await leftOvers.look();
  await until(async () => (await stateOf('over')) === 'ended', 'the run that is over has ended');
  expect(await stateOf('wanted')).toBe('running');
});

test('a stand-by removes the worktrees of items that ended elsewhere, and whoever leads leaves them to their end', async () => {
  const { leftOvers, removed } = await host();
  await leftOvers.look();
  expect(removed).toEqual(['ET-002']);
  const leader = await host({ leads: true });
  await leader.leftOvers.look();
  expect(leader.removed).toEqual([]);
});

test('rows that are only being built say nothing of what is wanted', async () => {
  const { leftOvers, removed, stateOf } = await host({ caughtUp: false });
  await leftOvers.look();
  expect([await stateOf('over'), removed]).toEqual(['running', []]);
});

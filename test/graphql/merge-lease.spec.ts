import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Doors } from '../support/doors.js';
import { seed } from '../support/seed.js';
import { TaskStory } from '../support/task-story.js';

let doors: Doors;
beforeEach(async () => {
  doors = await Doors.open();
});
afterEach(() => doors.close());

test('the merge lease of a repository is shown while it is held', async () => {
  await new TaskStory(doors.log).open();
  const lease = { repo: 'enduro-trails', branch: 'feature/ET-001', workItem: 'ET-001', taskId: 7 };
  const instance = { id: 's', pid: 1, startTicks: 1, bootId: 'b' };
  const times = { acquiredAt: '2026-01-01T00:00:00.000Z', expiresAt: '2026-01-01T00:05:00.000Z' };
  const data = { ...lease, instance, ...times };
  await seed(doors.log, { stream: 'merge-lease-enduro-trails', type: 'MergeLeaseGranted', data });
  await doors.caughtUp();
  const { repo, queue } = await doors.ask(`{ queue { mergeLeases }
    repo(name: "enduro-trails") { mergeLease { holder workItem acquiredAt expiresAt fence } } }`);
  const shown = { holder: 'feature/ET-001', ...times, fence: 0 };
  expect(repo).toEqual({ mergeLease: { ...shown, workItem: 'ET-001' } });
  expect(queue.mergeLeases).toEqual({ 'enduro-trails': { ...shown, workItemId: 'ET-001' } });
});

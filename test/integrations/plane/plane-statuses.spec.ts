import { afterEach, describe, expect, test } from '@jest/globals';
import type { PlaneTracker } from '../../../src/integrations/plane/plane-tracker.js';
import { TrackerRefused, TrackerUnavailable } from '../../../src/integrations/tracker.js';
import type { PlayedServer } from '../played-server.js';
import { asking, broken, done, failure, page, todo } from './asking.js';

let server: PlayedServer;
afterEach(() => server?.close());

async function trackerThatAnswers(...how: Parameters<typeof asking>): Promise<PlaneTracker> {
  const opened = await asking(...how);
  server = opened.server;
  return opened.tracker;
}

describe('the statuses of a project', () => {
  const lookUps = () => server.seen.filter(({ path }) => path.endsWith('/states/')).length;

  test('are read once, also by those who ask together [PS-01, PS-06]', async () => {
    const tracker = await trackerThatAnswers(() => page([todo, done]));
    await Promise.all([tracker.statuses('p'), tracker.statuses('p'), tracker.statuses('p')]);
    expect(await tracker.statuses('p')).toEqual([todo, done]);
    expect(lookUps()).toBe(1);
  });

  test('are kept for each project apart [PS-06, PRJ-10, WHP-04]', async () => {
    const tracker = await trackerThatAnswers(({ path }) => page(path.includes('/projects/a/') ? [todo] : [done]));
    expect(await tracker.statuses('a')).toEqual([todo]);
    expect(await tracker.statuses('b')).toEqual([done]);
  });

  test('are asked for again after a failed look-up [PS-04, UNK-37]', async () => {
    let fails = true;
    const tracker = await trackerThatAnswers(() => (fails ? broken : page([todo])));
    expect(await failure(tracker.statuses('p'))).toBeInstanceOf(TrackerUnavailable);
    fails = false;
    expect(await tracker.statuses('p')).toEqual([todo]);
  });

  test('stay in force as last read while the tracker cannot be reached, and are read anew when it can [PS-04, PS-07, CD-10]', async () => {
    let answer = page([todo]);
    const tracker = await trackerThatAnswers(() => answer);
    await tracker.statuses('p');
    answer = broken;
    tracker.forgetStatuses('p');
    expect(await tracker.statuses('p')).toEqual([todo]);
    answer = page([todo, done]);
    expect(await tracker.statuses('p')).toEqual([todo, done]);
  });

  test('are not made up when the tracker refuses to show them', async () => {
    let answer = page([todo]);
    const tracker = await trackerThatAnswers(() => answer);
    await tracker.statuses('p');
    answer = { status: 403, body: { detail: 'You do not have permission to perform this action.' } };
    tracker.forgetStatuses();
    expect(await failure(tracker.statuses('p'))).toBeInstanceOf(TrackerRefused);
  });

  test('are read anew after the tracker refused one of them', async () => {
    const tracker = await trackerThatAnswers(({ method }) =>
      method === 'GET'
        ? page([todo])
        : { status: 400, body: { state: ['Invalid pk "gone" - object does not exist.'] } },
    );
    await tracker.statuses('p');
    await failure(tracker.setStatus('p', 'item', 'gone'));
    await tracker.statuses('p');
    expect(lookUps()).toBe(2);
  });
});

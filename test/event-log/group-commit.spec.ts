import { expect, test } from '@jest/globals';
import { GroupCommit } from '../../src/event-log/group-commit.js';
import type { Outcome } from '../../src/event-log/group-commit.js';

/** Keeps every batch, answers each number with its double, and refuses odd ones above a hundred. */
class Recorder {
  readonly batches: (readonly number[])[] = [];
  readonly queue = new GroupCommit<number, number>({
    commit: async (items) => this.#commit(items),
    weigh: (item) => item,
    weightMax: 200,
  });

  async #commit(items: readonly number[]): Promise<readonly Outcome<number>[]> {
    this.batches.push(items);
    await new Promise((resolve) => setImmediate(resolve));
    if (items.includes(0)) throw new RangeError('nothing to double');
    return items.map((item) => (item % 2 === 1 ? { error: new RangeError(`${item} is odd`) } : { answer: item * 2 }));
  }
}

test('what arrives together is committed together', async () => {
  const { queue, batches } = new Recorder();
  expect(await Promise.all([2, 4, 6].map((item) => queue.submit(item)))).toEqual([4, 8, 12]);
  expect(batches).toEqual([[2, 4, 6]]);
});

test('what arrives during a commit shares the next one', async () => {
  const { queue, batches } = new Recorder();
  const first = queue.submit(2);
  await new Promise((resolve) => process.nextTick(resolve));
  await Promise.all([first, queue.submit(4), queue.submit(6)]);
  expect(batches).toEqual([[2], [4, 6]]);
});

test('writers that come back with their next item stay together', async () => {
  const { queue, batches } = new Recorder();
  const writeThrice = async (): Promise<void> => {
    for (const item of [2, 4, 6]) await queue.submit(item);
  };
  await Promise.all([writeThrice(), writeThrice(), writeThrice()]);
  expect(batches).toEqual([
    [2, 2, 2],
    [4, 4, 4],
    [6, 6, 6],
  ]);
});

test('an item that is refused does not fail its neighbours', async () => {
  const { queue } = new Recorder();
  const outcomes = await Promise.allSettled([2, 3, 4].map((item) => queue.submit(item)));
  expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});

test('a commit that fails altogether fails its items, and the next one goes on', async () => {
  const { queue } = new Recorder();
  const outcomes = await Promise.allSettled([0, 2].map((item) => queue.submit(item)));
  expect(outcomes.map((outcome) => outcome.status)).toEqual(['rejected', 'rejected']);
  expect(await queue.submit(2)).toBe(4);
});

test('a batch stops growing at its weight, and one heavy item still goes through', async () => {
  const { queue, batches } = new Recorder();
  await Promise.all([100, 60, 60, 900, 2].map((item) => queue.submit(item)));
  expect(batches).toEqual([[100, 60], [60], [900], [2]]);
});

test('draining waits for what was submitted', async () => {
  const { queue, batches } = new Recorder();
  const submitted = [150, 100].map((item) => queue.submit(item));
  await queue.drained();
  expect(batches).toHaveLength(2);
  await Promise.all(submitted);
});

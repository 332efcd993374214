import type { FollowedPage } from '../../../src/event-log/event-log.js';
import { inBatches, type BatchLimits } from '../../../src/projections/engine/batches.js';
import { readAhead } from '../../../src/projections/engine/read-ahead.js';
import { history } from '../folding.js';

describe('reading ahead', () => {
  it('lets go of the source also when the next page had come before anybody left', async () => {
    let isOpen = true;
    async function* pages(): AsyncGenerator<number> {
      try {
        for (let page = 1; ; page += 1) yield page;
      } finally {
        isOpen = false;
      }
    }
    for await (const page of readAhead(() => pages())) {
      await new Promise(setImmediate);
      if (page === 2) break;
    }
    expect(isOpen).toBe(false);
  });
});

describe('batches of pages', () => {
  it('far from the end pages are joined, and the last position counts', async () => {
    const batches = await batchesOf([page([1, 2]), page([3, 4]), page([5, 6]), page([7], 'caught up')], {
      eventsMin: 4,
    });
    expect(batches).toEqual([
      { positions: [1, 2, 3, 4], position: 4, caughtUp: false },
      { positions: [5, 6, 7], position: 7, caughtUp: true },
    ]);
  });

  it('at the end of the log nobody waits for more', async () => {
    const batches = await batchesOf([page([1], 'caught up'), page([2], 'caught up')], { eventsMin: 100 });
    expect(batches.map(({ positions }) => positions)).toEqual([[1], [2]]);
  });

  it('nobody waits for what comes after the position that was asked for', async () => {
    const batches = await batchesOf([page([1, 2]), page([3, 4]), page([5, 6])], { eventsMin: 100, until: 3 });
    expect(batches[0]?.positions).toEqual([1, 2, 3, 4]);
  });
});

async function batchesOf(pages: readonly FollowedPage[], limits: BatchLimits) {
  const batches = [];
  for await (const { events, ...rest } of inBatches(pagesOf(pages), limits))
    batches.push({ positions: events.map(({ position }) => position), ...rest });
  return batches;
}

async function* pagesOf(pages: readonly FollowedPage[]): AsyncGenerator<FollowedPage> {
  yield* pages;
}

function page(positions: readonly number[], where?: 'caught up'): FollowedPage {
  const told = history(...positions.map(() => ({ type: 'TaskRetired', data: {} })));
  const events = told.map((event, index) => ({ ...event, position: positions[index] ?? 0 }));
  return { events, position: positions.at(-1) ?? 0, caughtUp: where === 'caught up' };
}

import { expect, test } from '@jest/globals';
import { Moments } from '../../../src/projections/moments/moments.js';

test('a moment is due every so many events', () => {
  const moments = new Moments({ kept: 'unused', every: 100 });
  expect(moments.isDue(0, 99)).toBe(false);
  expect(moments.isDue(99, 100)).toBe(true);
  expect(moments.isDue(100, 199)).toBe(false);
  expect(moments.isDue(150, 420)).toBe(true);
});

test('where positions are places in a store, a moment is due after about as many events as in a file', () => {
  const moments = new Moments({ kept: 'unused', every: 100 }, { stride: 1_000 });
  expect(moments.isDue(0, 99_000)).toBe(false);
  expect(moments.isDue(99_000, 100_500)).toBe(true);
});

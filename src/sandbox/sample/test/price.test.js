import assert from 'node:assert/strict';
import { test } from 'node:test';
import { priceOf, quote } from '../src/price.js';
import { promotions } from '../src/promotions.js';

const BASKET = [
  { product: 'bread', count: 2 },
  { product: 'apple', count: 5 },
];

test('a basket costs the sum of its products', async () => {
  assert.equal(await quote(BASKET), 840);
});

test('a promotion takes its percentage off', async () => {
  assert.equal(await quote(BASKET, 'WELCOME'), 756);
});

test('an unknown code takes nothing off', async () => {
  assert.equal(await quote(BASKET, 'NO-SUCH-CODE'), 840);
});

test('an unknown product has no price', () => {
  assert.throws(() => priceOf('gold'), /sells no gold/);
});

test('no two promotions share a code, and none gives everything away', async () => {
  const all = await promotions();
  assert.equal(new Set(all.map(({ code }) => code)).size, all.length);
  for (const { percent } of all) assert.ok(percent > 0 && percent < 100);
});

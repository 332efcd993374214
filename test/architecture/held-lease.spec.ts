import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const SOURCES = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .map((name) => join('src', name))
  .filter((path) => path.endsWith('.ts'));
const naming = (pattern: RegExp) => SOURCES.filter((path) => pattern.test(readFileSync(path, 'utf8')));

describe('a merge lease', () => {
  test('is made in one place only, so that holding one proves that it was granted', () => {
    expect(naming(/extends HeldLease\b/)).toEqual(['src/effects/merge-lease/grant.ts']);
    expect(naming(/\bGrant\.outOf\(/)).toEqual(['src/effects/merge-lease/merge-leases.ts']);
  });

  test('is never claimed by a cast', () => {
    expect(naming(/\bas (unknown as )?(HeldLease|Grant)\b/)).toEqual([]);
  });
});

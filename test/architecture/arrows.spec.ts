import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { cruise, plant, rulesOfTheHouse } from './dependency-cruiser.js';
import type { Caught } from './dependency-cruiser.js';
import { ALLOWED, VIOLATIONS } from './planted-arrows.js';

describe('the arrows between zones', () => {
  let folder: string;
  let caught: readonly Caught[];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'orchestrator-arrows-'));
    plant(folder, [...VIOLATIONS, ...ALLOWED]);
    caught = await cruise(folder);
  }, 60_000);

  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(VIOLATIONS)('$rule is broken by $file importing $imports', ({ rule, file }) => {
    expect(caught).toContainEqual({ rule, from: file });
  });

  test.each(ALLOWED)('no rule forbids $file to import $imports', ({ file }) => {
    const unresolved = 'everything-resolves';
    expect(caught.filter(({ from, rule }) => from === file && rule !== unresolved)).toEqual([]);
  });

  test('each have a violation planted here and a comment for the person who breaks them', () => {
    const names = rulesOfTheHouse().map(({ name }) => name);
    expect([...new Set(VIOLATIONS.map(({ rule }) => rule))].sort()).toEqual([...names].sort());
    expect(rulesOfTheHouse().filter(({ comment }) => (comment ?? '').length < 30)).toEqual([]);
  });

  test('are kept by the real tree', async () => {
    expect(await cruise(process.cwd())).toEqual([]);
  }, 60_000);
});

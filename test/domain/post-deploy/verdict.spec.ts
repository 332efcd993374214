import { describe, expect, test } from '@jest/globals';
import type { ProbeAnswer } from '../../../src/domain/post-deploy/events.js';
import { announce, arm, probe, productionOf, type Production } from '../../support/lives/watch-history.js';

const ANSWERS: readonly ProbeAnswer[] = ['ok', 'failed', 'unmeasured'];
const CHECKS = 10;

/** Every row of answers of that length. */
function rows(length: number): readonly (readonly ProbeAnswer[])[] {
  if (length === 0) return [[]];
  return rows(length - 1).flatMap((row) => ANSWERS.map((answer) => [...row, answer]));
}

function watched(row: readonly ProbeAnswer[]): Production {
  const armed = productionOf()
    .after(announce({ taskId: 1, deployId: 900, head: 'one' }))
    .after(arm(1));
  return row.reduce((production, answer, index) => production.after(probe(1000, index + 1, answer)), armed);
}

describe('The verdict on production', () => {
  test('given any row of answers, is given at most once, never throws, and says DEGRADED only after failures in a row [PD-05, PD-15]', () => {
    for (const row of rows(5)) {
      const ended = watched(row).events.filter(({ type }) => type === 'WatchEnded');
      const hasRow = row.join(' ').replaceAll('unmeasured ', '').includes('failed failed failed');
      expect([row, ended.length]).toEqual([row, hasRow ? 1 : 0]);
      for (const { data } of ended) expect(data).toMatchObject({ status: 'DEGRADED' });
    }
  });

  test('given the same answers, is the same: nothing but them decides [PD-15]', () => {
    const row = Array.from({ length: CHECKS }, (_check, index) => ANSWERS[index % 3] ?? 'ok');
    expect(watched(row).state).toEqual(watched(row).state);
    expect(watched(row).last('WatchEnded').data.status).toBe(watched(row).last('WatchEnded').data.status);
  });
});

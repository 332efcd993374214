import { describe, expect, test } from '@jest/globals';
import { openEffects } from '../../src/projections/effect/open-effects.js';
import { history, rowsAfter, type Told } from './folding.js';

const CLAIMED: Told = { id: 'claim', type: 'JobClaimed', data: { jobId: 3, runId: 'r-1' }, stream: 'job-3' };

function ended(failure: object | null): Told {
  return { id: 'end', type: 'RunEnded', data: { jobId: 3, failure }, stream: 'job-3', cause: 'claim' };
}

function open(...told: Told[]): string[] {
  return rowsAfter(openEffects, history(...told)).map((row) => `${row.type} ${row.effect_id}`);
}

describe('an intent', () => {
  test('is open from its event on', () => {
    expect(open(CLAIMED)).toEqual(['JobClaimed claim']);
  });

  test('is closed by an outcome that names it as its cause, and by no other event', () => {
    const stranger: Told = { type: 'RunEnded', data: { failure: {} }, stream: 'job-9', cause: 'other' };
    const noOutcome: Told = { type: 'RunStarted', data: {}, stream: 'job-3', cause: 'claim' };
    expect(open(CLAIMED, stranger, noOutcome)).toEqual(['JobClaimed claim']);
    expect(open(CLAIMED, ended({ class: 'x' }))).toEqual([]);
  });

  test('can be opened by the outcome of another: a run that ended well asks to be published', () => {
    expect(open(CLAIMED, ended(null))).toEqual(['RunEnded end']);
  });

  test('is not opened by a run that ended badly', () => {
    expect(open(ended({ class: 'crash' }))).toEqual([]);
  });

  test('closed twice stays closed', () => {
    expect(
      open(CLAIMED, ended({ class: 'x' }), { type: 'JobFailed', data: {}, stream: 'job-3', cause: 'claim' }),
    ).toEqual([]);
  });
});

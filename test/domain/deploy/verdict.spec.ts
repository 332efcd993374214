import { describe, expect, test } from '@jest/globals';
import type { HookCheck } from '../../../src/domain/deploy/events.js';
import { deployVerdict } from '../../../src/domain/deploy/verdict.js';
import { at } from '../../support/given.js';

const real = (check: string, ok: boolean): HookCheck => ({ check, block: 'A', kind: 'REAL', ok, detail: '' });
const infra = (check: string, ok: boolean): HookCheck => ({ ...real(check, ok), block: 'C', kind: 'SANDBOX_INFRA' });

function ended(exitCode: number | null, checks: readonly HookCheck[] = [], stoppedBecause: string | null = null) {
  return { exitCode, checks, stoppedBecause, endedAt: at(0) };
}

const INFRA_ONLY = [real('A1', true), real('B4', true), infra('C9a', false), infra('C9b', false)];

describe('A hook without checks is judged by its exit code', () => {
  test('0 is healthy [DEP-09, DEP-22, SC-17]', () => {
    expect(deployVerdict(ended(0), 'production', true)).toMatchObject({ verdict: 'SUCCESS', waived: [] });
  });

  test('1 failed and was restored by the hook [DEP-09, DEP-13, SC-18]', () => {
    const { verdict, reason } = deployVerdict(ended(1), 'production', true);
    expect(verdict).toBe('FAILED');
    expect(reason).toMatch(/restored the previous state/);
  });

  test.each([2, 3, 137, null])(
    '%p failed and was not restored: a person must look [DEP-09, DEP-13, SC-18]',
    (exitCode) => {
      const { verdict, reason } = deployVerdict(ended(exitCode), 'production', true);
      expect(verdict).toBe('FAILED');
      expect(reason).toMatch(/did not restore .* a person must look/);
    },
  );

  test('one that was stopped failed, whatever its exit code', () => {
    const stopped = ended(0, [], 'it took longer than 900 s');
    expect(deployVerdict(stopped, 'staging', true)).toEqual({
      verdict: 'FAILED',
      reason: 'it took longer than 900 s',
      waived: [],
    });
  });
});

describe('A staging hook that prints its checks', () => {
  test('succeeds when all pass [ST-05]', () => {
    expect(deployVerdict(ended(0, [real('A1', true), infra('C9a', true)]), 'staging', true).verdict).toBe('SUCCESS');
  });

  test('fails with its exit code even though all passed', () => {
    expect(deployVerdict(ended(1, [real('A1', true)]), 'staging', true).verdict).toBe('FAILED');
  });

  test.each([0, 1])(
    'succeeds (exit %i) when only the sandbox failed, and names what was waived [ST-06, ST-07, ST-16, SC-21]',
    (exitCode) => {
      expect(deployVerdict(ended(exitCode, INFRA_ONLY), 'staging', true)).toEqual({
        verdict: 'SUCCESS',
        reason: 'all real checks passed; waived: C9a, C9b',
        waived: ['C9a', 'C9b'],
      });
    },
  );

  test('fails when only the sandbox failed and the tolerance is off [ST-07, ST-12]', () => {
    expect(deployVerdict(ended(0, INFRA_ONLY), 'staging', false)).toEqual({
      verdict: 'FAILED',
      reason: 'failed infrastructure checks: C9a, C9b',
      waived: [],
    });
  });

  test('is never waived a real failure, not even beside the sandbox’s [ST-08, RB-10, SC-22]', () => {
    const checks = [real('A1', false), real('B4', true), infra('C9a', false)];
    expect(deployVerdict(ended(0, checks), 'staging', true)).toEqual({
      verdict: 'FAILED',
      reason: 'failed checks: A1',
      waived: [],
    });
  });

  test.each([2, 137, null])('that crashed (exit %p) is waived nothing: its real checks may be missing', (exitCode) => {
    expect(deployVerdict(ended(exitCode, INFRA_ONLY), 'staging', true).verdict).toBe('FAILED');
  });

  test('that made no real check is waived nothing', () => {
    expect(deployVerdict(ended(1, [infra('C9a', false)]), 'staging', true).verdict).toBe('FAILED');
  });
});

describe('A production hook that prints checks', () => {
  test('is judged by its exit code all the same', () => {
    expect(deployVerdict(ended(0, [real('A1', false)]), 'production', true).verdict).toBe('SUCCESS');
    expect(deployVerdict(ended(1, INFRA_ONLY), 'production', true).verdict).toBe('FAILED');
  });
});

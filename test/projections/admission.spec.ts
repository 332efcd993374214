import { describe, expect, test } from '@jest/globals';
import { dependencies } from '../../src/projections/admission/dependencies.js';
import { freezes } from '../../src/projections/admission/freezes.js';
import { history, rowsAfter, type Told } from './folding.js';

function frozen(causeId: string): Told {
  const data = { repo: 'alpha', causeId, reason: 'DEGRADED', by: 'policy:post-deploy', since: 'T', workItem: 'ET-001' };
  return { type: 'RepoFrozen', data, stream: 'admission-alpha' };
}

describe('a freeze', () => {
  test('has one row per cause, and a lifted one stays as history', () => {
    const lifted: Told = { type: 'FreezeLifted', data: { repo: 'alpha', causeIds: ['a'], by: 'operator:bo' } };
    const rows = rowsAfter(freezes, history(frozen('a'), frozen('b'), lifted));
    expect(rows.map(({ id, cleared_by }) => [id, cleared_by])).toEqual([
      ['a', 'operator:bo'],
      ['b', null],
    ]);
    expect(rows[0]?.cleared_at).toBe('2026-01-01T00:00:03.000Z');
  });
});

describe('a dependency', () => {
  const pair = { repo: 'alpha', taskId: 1, workItem: 'ET-001', dependsOn: 'ET-007', by: 'operator:bo' };

  test('lasts from its declaration to its withdrawal', () => {
    const declared: Told = { type: 'DependencyDeclared', data: { ...pair, since: 'T', ended: false } };
    const withdrawn: Told = { type: 'DependencyWithdrawn', data: pair };
    expect(rowsAfter(dependencies, history(declared))).toMatchObject([
      { id: '1:ET-007', task_id: 1, depends_on: 'ET-007', declared_by: 'operator:bo', declared_at: 'T', position: 1 },
    ]);
    expect(rowsAfter(dependencies, history(declared, withdrawn))).toEqual([]);
  });
});

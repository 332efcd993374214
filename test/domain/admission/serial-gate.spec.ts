import { describe, expect, test } from '@jest/globals';
import { GATE_PARTS, gateApplies, type GateParts } from '../../../src/domain/admission/serial-gate.js';
import * as repo from '../../support/lives/admission-history.js';
import { DEFAULT_POLICY, policyWith } from '../../support/policy.js';

const { answer, arrive, codes, dependOn, emptyRepo, free, freeze, fresh, pause, reassess, REPO } = repo;
const OFF = policyWith({ serialGate: { enabled: false } });
const ELSEWHERE = policyWith({ serialGate: { repos: ['orchestrator'] } });

function breaking(part: keyof GateParts): GateParts {
  return {
    ...GATE_PARTS,
    [part]: () => {
      throw new TypeError('what it looks at is broken');
    },
  };
}

describe('The scope of the gate', () => {
  const { serialGate } = DEFAULT_POLICY;

  test('is every repository when the list is empty (SG-13, SG-16)', () => {
    expect(gateApplies(REPO, serialGate)).toBe(true);
  });

  test('is the repositories on the list when there is one (SG-13, SG-16)', () => {
    expect(gateApplies(REPO, { ...serialGate, repos: [REPO] })).toBe(true);
    expect(gateApplies(REPO, { ...serialGate, repos: ['orchestrator'] })).toBe(false);
  });

  test('is nothing when the gate is off (SG-16, SG-18)', () => {
    expect(gateApplies(REPO, { ...serialGate, enabled: false })).toBe(false);
    expect(gateApplies(REPO, { ...serialGate, enabled: false, repos: [REPO] })).toBe(false);
  });

  test('is asked for the name without the blanks around it (SG-17)', () => {
    expect(gateApplies(` ${REPO} `, { ...serialGate, repos: [REPO] })).toBe(true);
  });

  test.each([
    ['switched off', OFF],
    ['not for this repository', ELSEWHERE],
  ])('leaves order and freeze out where the gate is %s (SG-18, AMB-19, UNK-48, KS-11)', (_, policy) => {
    const together = arrive(emptyRepo(policy).after(freeze()), 1, 2, 3);
    expect(free(together)).toEqual([1, 2, 3]);
  });

  test('does not touch pause and dependencies, which have switches of their own', () => {
    const out = arrive(emptyRepo(ELSEWHERE), 1, 2).afterAll(pause(1), dependOn(2, 'ORCH-007'));
    expect(codes(answer(out, 1))).toEqual(['paused']);
    expect(codes(answer(out, 2))).toEqual(['dependency']);
  });
});

describe('Switching', () => {
  test('the gate off lets in those who wait as soon as it is asked again', () => {
    const outcome = fresh(1, 2, 3)
      .under(OFF)
      .when(reassess)
      .thenTypes('TaskAdmitted', 'JobReleased', 'TaskAdmitted', 'JobReleased');
    expect(free(outcome.history)).toEqual([1, 2, 3]);
    outcome.thenNothingMore();
  });

  test('the gate on again takes no admission back, but the next task waits for all of them, one after the other', () => {
    const busy = arrive(arrive(emptyRepo(OFF), 1, 3).under(DEFAULT_POLICY), 2);
    expect(repo.taskIn(busy, 1).admitted && repo.taskIn(busy, 3).admitted).toBe(true);
    expect(repo.holds(busy, 2)).toEqual(['active-task ET-003']);
    expect(repo.holds(busy.after(repo.retire(3)), 2)).toEqual(['active-task ET-001']);
    expect(free(busy.afterAll(repo.retire(3), repo.retire(1)))).toEqual([2]);
  });

  test('the gate on again lets those who are in start one after the other (SG-48)', () => {
    const outcome = arrive(emptyRepo(OFF), 1, 2).under(DEFAULT_POLICY).when(reassess).thenTypes('JobHeld');
    expect(free(outcome.history)).toEqual([1]);
  });

  test('nothing and asking again changes nothing', () => {
    fresh(1, 2, 3).when(reassess).thenNothing();
    emptyRepo().when(reassess).thenNothing();
  });
});

describe('A part of the gate that fails (AMB-18)', () => {
  const behind = fresh(1, 2);

  test('opens the gate when it is the one that looks at active tasks (SG-19)', () => {
    expect(answer(behind, 2).kind).toBe('wait');
    expect(answer(behind, 2, breaking('activeTasks'))).toMatchObject({
      kind: 'admit',
      faults: [{ direction: 'opens' }],
    });
  });

  test('keeps the gate shut when it is the one that looks at freezes, and says so (SG-22)', () => {
    expect(answer(behind, 1)).toEqual({ kind: 'admit' });
    const shut = answer(behind, 1, breaking('frozen'));
    expect(codes(shut)).toEqual(['freeze']);
    expect(shut).toMatchObject({ reasons: [{ clearsWhen: `the freezes of ${REPO} can be read again` }] });
  });

  test('holds nobody where the gate does not apply, whichever it is (SG-16)', () => {
    expect(answer(behind.under(OFF), 1, breaking('frozen'))).toEqual({ kind: 'admit' });
  });

  test.each(['paused', 'dependencies'] as const)('hides nothing that the others say when it is %s (PA-16)', (part) => {
    const held = behind.afterAll(pause(2), dependOn(2, 'ORCH-007'), freeze());
    const expected = ['paused', 'freeze', 'dependency', 'active-task'];
    const own = { paused: 'paused', dependencies: 'dependency' }[part];
    expect(codes(answer(held, 2))).toEqual(expected);
    expect(codes(answer(held, 2, breaking(part)))).toEqual(expected.filter((code) => code !== own));
  });
});

describe('What holds a task', () => {
  test('is told in the order pause, freeze, dependency, active task (UNK-30, PA-10)', () => {
    const held = fresh(1, 2).afterAll(dependOn(2, 'ORCH-007'), freeze(), pause(2));
    expect(codes(answer(held, 2))).toEqual(['paused', 'freeze', 'dependency', 'active-task']);
  });

  test('is told with who put it there, since when, and what would clear it', () => {
    const held = fresh(1, 2).afterAll(dependOn(2, 'ORCH-007'), freeze('DEGRADED'), pause(2));
    const by = { actor: repo.OPERATOR, clearsWhen: expect.any(String) };
    expect(answer(held, 2)).toEqual({
      kind: 'wait',
      reasons: [
        { code: 'paused', ref: 'ET-002', since: '2026-01-01T00:00:50.000Z', ...by },
        { code: 'freeze', ref: REPO, since: '2026-01-01T00:01:10.000Z', ...by },
        { code: 'dependency', ref: 'ORCH-007', since: '2026-01-01T00:01:30.000Z', ...by },
        { code: 'active-task', ref: 'ET-001', since: '2026-01-01T00:00:01.000Z', ...by, actor: null },
      ],
    });
  });
});

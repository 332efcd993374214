import { describe, expect, test } from '@jest/globals';
import type { Refused } from '../../../src/kernel/refused.js';
import { at } from '../../support/given.js';
import * as repo from '../../support/lives/admission-history.js';
import { policyWith } from '../../support/policy.js';

const { arrive, dependOn, emptyRepo, endOf, enlist, free, fresh, holds, item, of, OPERATOR } = repo;
const { reassess, request, retire, started, withdraw } = repo;
const LAYER_OFF = policyWith({ serialGate: { dependenciesEnabled: false } });

function refusal(current: repo.Repo, command: ReturnType<typeof dependOn>): Refused {
  const outcome = current.when(command);
  return outcome.decision as Refused;
}

describe('A dependency', () => {
  test('is declared with who did it and when (TD-01, TD-02)', () => {
    emptyRepo()
      .after(enlist(1))
      .when(dependOn(1, 'ORCH-007'))
      .then({
        type: 'DependencyDeclared',
        data: { ...of(1), dependsOn: 'ORCH-007', ended: false, since: at(90), by: OPERATOR },
      });
  });

  test('is declared once, however often it is asked for', () => {
    emptyRepo().after(enlist(1)).when(dependOn(1, 'ORCH-007')).thenNothingMore();
  });

  test('holds the analysis while the other item is unfinished, for that reason (TD-03, TD-06)', () => {
    const waiting = fresh(1).after(dependOn(1, 'ORCH-007'));
    expect(free(waiting)).toEqual([]);
    expect(holds(waiting, 1)).toEqual(['dependency ORCH-007']);
  });

  test('is satisfied by the end of the other item, and by nothing before (TD-04, TD-08)', () => {
    const waiting = fresh(1).after(dependOn(1, 'ORCH-007'));
    const outcome = waiting.when(endOf('ORCH-007')).thenTypes('DependencyEnded', 'TaskAdmitted', 'JobReleased');
    expect(free(outcome.history)).toEqual([1]);
    outcome.thenNothingMore();
  });

  test('on an item that has ended already holds nobody', () => {
    expect(free(fresh(1).after(dependOn(1, 'ORCH-007', { ended: true })))).toEqual([1]);
  });

  test('on several items holds until the last of them has ended', () => {
    const waiting = fresh(1).afterAll(dependOn(1, 'ORCH-007'), dependOn(1, 'ORCH-008'));
    expect(holds(waiting, 1)).toEqual(['dependency ORCH-007', 'dependency ORCH-008']);
    expect(holds(waiting.after(endOf('ORCH-007')), 1)).toEqual(['dependency ORCH-008']);
  });

  test('is satisfied for everybody who waits for the same item', () => {
    const waiting = fresh(1, 2).afterAll(dependOn(1, 'ORCH-007'), dependOn(2, 'ORCH-007'));
    const ended = waiting.after(endOf('ORCH-007'));
    expect(free(ended)).toEqual([1]);
    expect(holds(ended, 2)).toEqual(['active-task ET-001']);
  });

  test('holds an analysis that is tried again as well (TD-03)', () => {
    const again = started(fresh(1), 1).afterAll(dependOn(1, 'ORCH-007'), request(1));
    expect(holds(again, 1)).toEqual(['dependency ORCH-007']);
  });

  test('that is withdrawn holds nobody any more', () => {
    const waiting = fresh(1).after(dependOn(1, 'ORCH-007'));
    const outcome = waiting
      .when(withdraw(1, 'ORCH-007'))
      .thenTypes('DependencyWithdrawn', 'TaskAdmitted', 'JobReleased');
    outcome.thenNothingMore();
  });

  test('that was never declared cannot be withdrawn, and nothing says so', () => {
    fresh(1).when(withdraw(1, 'ORCH-007')).thenNothing();
    fresh(1).when(withdraw(7, 'ORCH-007')).thenNothing();
  });

  test('of a task that has ended is refused', () => {
    fresh(1).after(retire(1)).when(dependOn(1, 'ORCH-007')).thenRefused('terminal');
  });

  test('is not told of the end of an item that nobody waits for', () => {
    fresh(1).when(endOf('ORCH-007')).thenNothing();
  });

  test('goes with the task that waited', () => {
    const gone = fresh(1).afterAll(dependOn(1, 'ORCH-007'), retire(1));
    gone.when(endOf('ORCH-007')).thenNothing();
  });
});

describe('A circle', () => {
  test('of one is refused', () => {
    fresh(1).when(dependOn(1, 'ET-001')).thenRefused('self');
    expect(refusal(fresh(1), dependOn(1, 'ET-001')).facts).toEqual({ path: ['ET-001'] });
  });

  test('of two is refused and shows the way round', () => {
    const one = fresh(1, 2).after(dependOn(1, 'ET-002'));
    expect(refusal(one, dependOn(2, 'ET-001'))).toMatchObject({
      code: 'cycle',
      sentence: 'the dependency would close a cycle: ET-002 → ET-001 → ET-002',
      facts: { path: ['ET-002', 'ET-001', 'ET-002'] },
    });
  });

  test('of many is refused, wherever it would be closed', () => {
    const chain = fresh(1, 2, 3, 4).afterAll(dependOn(1, 'ET-002'), dependOn(2, 'ET-003'), dependOn(3, 'ET-004'));
    const { facts } = refusal(chain, dependOn(4, 'ET-001'));
    expect(facts).toEqual({ path: ['ET-004', 'ET-001', 'ET-002', 'ET-003', 'ET-004'] });
  });

  test('through another repository is refused', () => {
    const elsewhere = [
      { from: 'ORCH-007', to: 'ORCH-008' },
      { from: 'ORCH-008', to: 'ET-001' },
    ];
    fresh(1)
      .when(dependOn(1, 'ORCH-007', { elsewhere }))
      .thenRefused('cycle');
  });

  test('is none when one of its dependencies has ended or was withdrawn', () => {
    const once = fresh(1, 2).after(dependOn(1, 'ET-002'));
    for (const over of [endOf('ET-002'), withdraw(1, 'ET-002')]) {
      const turned = once.after(over).after(dependOn(2, 'ET-001'));
      expect(turned.last('DependencyDeclared').data).toMatchObject({ ...of(2), dependsOn: 'ET-001' });
    }
  });

  test('is none when two ways lead to the same item', () => {
    const diamond = fresh(1, 2, 3).afterAll(dependOn(1, 'ET-002'), dependOn(1, 'ET-003'), dependOn(2, 'ORCH-007'));
    expect(diamond.after(dependOn(3, 'ORCH-007')).last('DependencyDeclared').data).toMatchObject(of(3));
  });

  test('is looked for in a long chain without getting lost', () => {
    const ids = Array.from({ length: 200 }, (_, index) => index + 1);
    const chain = emptyRepo().afterAll(...ids.map(enlist), ...ids.slice(1).map((id) => dependOn(id - 1, item(id))));
    chain.when(dependOn(200, 'ET-001')).thenRefused('cycle');
  });
});

describe('With the layer off', () => {
  test('a dependency is kept and holds nobody (TD-05, KS-14)', () => {
    const inert = arrive(emptyRepo(LAYER_OFF), 1).after(dependOn(1, 'ORCH-007'));
    expect(free(inert)).toEqual([1]);
    expect(repo.taskIn(inert, 1).dependsOn).toMatchObject([{ workItem: 'ORCH-007', ended: false }]);
  });

  test('a dependency of before lets go as soon as the gate is asked again', () => {
    const waiting = fresh(1).after(dependOn(1, 'ORCH-007'));
    expect(free(waiting.under(LAYER_OFF).after(reassess))).toEqual([1]);
  });

  test('a head with a dependency does not yield, because it does not wait', () => {
    const head = emptyRepo(LAYER_OFF).afterAll(enlist(1), dependOn(1, 'ORCH-007'));
    expect(holds(arrive(head, 2), 2)).toEqual(['active-task ET-001']);
  });
});

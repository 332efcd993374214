import { describe, expect, test } from '@jest/globals';
import { at } from '../../support/given.js';
import * as repo from '../../support/lives/admission-history.js';
import { DEFAULT_POLICY, policyWith } from '../../support/policy.js';

const { answer, arrive, codes, dependOn, emptyRepo, endOf, free, freeze, fresh, holds, OPERATOR } = repo;
const { pause, reassess, request, resume, retire, started, taskIn, unfreeze } = repo;
const LAYER_OFF = policyWith({ serialGate: { pauseEnabled: false } });

/** The first task is at work, the second one's analysis waits behind it. */
const busy = started(fresh(1, 2), 1);

describe('A pause', () => {
  test('is set by an operator, with the time and the name (PA-01)', () => {
    busy.when(pause(1)).thenTypes('TaskPaused', 'TaskAdmitted', 'JobReleased');
    expect(taskIn(busy.after(pause(1)), 1).paused).toEqual({ since: at(50), by: OPERATOR });
  });

  test('is never inferred: a task that nobody paused is active (PA-01, PA-03)', () => {
    expect(taskIn(busy, 1).paused).toBeNull();
    expect(free(busy)).toEqual([]);
  });

  test('that is set changes nothing when it is set again', () => {
    busy.when(pause(1)).thenNothingMore();
    busy.when(resume(1)).thenNothing();
  });

  test('of a task that has ended or is not known is refused (PA-14)', () => {
    busy.after(retire(1)).when(pause(1)).thenRefused('terminal');
    busy.when(resume(7)).thenRefused('terminal');
  });
});

describe('A paused predecessor', () => {
  test('lets the successor go at once, and is no reason for anybody (PA-02, PA-10, PA-20)', () => {
    const paused = busy.after(pause(1));
    expect(free(paused)).toEqual([2]);
    expect(codes(answer(paused, 2))).toEqual([]);
  });

  test('lets the successor go also when it was still waiting itself (PA-02)', () => {
    expect(free(fresh(1, 2).after(pause(1)))).toEqual([2]);
  });

  test('holds its own analysis, for that reason (AMB-21)', () => {
    const paused = fresh(1).after(pause(1));
    expect(holds(paused, 1)).toEqual(['paused ET-001']);
    expect(free(paused.after(resume(1)))).toEqual([1]);
  });
});

describe('A resumed task', () => {
  test('counts again: those who were not let in wait for it (PA-06)', () => {
    const resumed = busy.afterAll(pause(1), resume(1));
    const waiting = arrive(resumed, 3);
    expect(holds(waiting, 3)).toEqual(['active-task ET-002']);
    expect(holds(waiting.after(retire(2)), 3)).toEqual(['active-task ET-001']);
  });

  test('counts again for the analysis that is tried once more: there is no eternal bypass (PA-06, SG-48)', () => {
    const again = started(busy.after(pause(1)), 2).afterAll(resume(1), request(2));
    expect(holds(again, 2)).toEqual(['active-task ET-001']);
  });

  test('may be active beside the one that went ahead, which is let finish (AMB-21)', () => {
    const both = started(busy.after(pause(1)), 2).after(resume(1));
    expect([1, 2].map((id) => taskIn(both, id).admitted)).toEqual([true, true]);
  });

  test('that had never been let in waits for the one that went ahead, and not the other way round', () => {
    const ahead = started(started(fresh(1, 2, 3), 1).afterAll(pause(2), retire(1)), 3).after(resume(2));
    expect(holds(ahead, 2)).toEqual(['active-task ET-003']);
    const again = ahead.after(request(3));
    expect(free(again)).toEqual([3]);
    expect(free(started(again, 3).after(retire(3)))).toEqual([2]);
  });
});

describe('A pause bypasses nothing else', () => {
  test('not a freeze (PA-07)', () => {
    const frozen = busy.afterAll(pause(1), freeze());
    expect(codes(answer(frozen, 2))).toEqual(['freeze']);
    expect(free(frozen.after(unfreeze))).toEqual([2]);
  });

  test('not a dependency: only an end satisfies that (PA-08, SC-28)', () => {
    const waiting = busy.afterAll(dependOn(2, 'ET-001'), pause(1));
    expect(holds(waiting, 2)).toEqual(['dependency ET-001']);
    expect(free(waiting.afterAll(retire(1), endOf('ET-001')))).toEqual([2]);
  });
});

describe('With the pause layer off', () => {
  test('a paused task counts as active (PA-15, KS-13)', () => {
    expect(holds(busy.under(LAYER_OFF).after(pause(1)), 2)).toEqual(['active-task ET-001']);
  });

  test('a paused task holds its own analysis no longer (PA-15)', () => {
    expect(free(emptyRepo(LAYER_OFF).afterAll(repo.enlist(1), request(1), pause(1)))).toEqual([1]);
  });

  test('a pause of before holds and frees nobody, until the layer is on again', () => {
    const off = fresh(1, 2).after(pause(1)).under(LAYER_OFF).after(reassess);
    expect(holds(off, 2)).toEqual(['active-task ET-001']);
    expect(free(off)).toEqual([1]);
    expect(free(off.under(DEFAULT_POLICY).after(reassess))).toEqual([2]);
    expect(taskIn(off, 1).paused).toEqual({ since: at(50), by: OPERATOR });
  });
});

test('a paused task keeps its number and its place in the order', () => {
  const paused = fresh(1, 2).after(pause(1));
  expect(paused.state.tasks.map((task) => task.taskId)).toEqual([1, 2]);
  expect(paused.state.tasks[0]).toMatchObject({ since: at(1) });
});

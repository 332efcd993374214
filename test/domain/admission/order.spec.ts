import { describe, expect, test } from '@jest/globals';
import { CloseAdmission } from '../../../src/domain/admission/commands.js';
import { at, wish } from '../../support/given.js';
import * as repo from '../../support/lives/admission-history.js';

const { aboutJob, arrive, close, dependOn, emptyRepo, endOf, enlist, free, fresh, holds, of } = repo;
const { pause, request, resume, retire, started, taskIn } = repo;

describe('The first task of a repository', () => {
  test('takes part from the moment it is opened', () => {
    emptyRepo()
      .when(enlist(1))
      .then({ type: 'TaskEnlisted', data: { ...of(1), since: at(1) } });
  });

  test('is let in as soon as its analysis is queued', () => {
    emptyRepo()
      .after(enlist(1))
      .when(request(1))
      .then(
        { type: 'AdmissionRequested', data: aboutJob(1) },
        { type: 'TaskAdmitted', data: of(1) },
        { type: 'JobReleased', data: aboutJob(1) },
      );
  });

  test('is enlisted once and asks once, however often it is told', () => {
    emptyRepo().when(enlist(1)).thenNothingMore();
    fresh(1).when(request(1)).thenNothing();
  });

  test('never blocks itself, also when its analysis is done again (SG-09)', () => {
    const again = started(fresh(1), 1).when(request(1)).thenTypes('AdmissionRequested', 'JobReleased');
    expect(free(again.history)).toEqual([1]);
  });
});

describe('A task behind an active one', () => {
  test('is held, and told by whom, since when, and until when (SG-01, SG-10)', () => {
    const held = { code: 'active-task', ref: 'ET-001', since: at(1), actor: null } as const;
    fresh(1)
      .after(enlist(2))
      .when(request(2))
      .then(
        { type: 'AdmissionRequested', data: aboutJob(2) },
        {
          type: 'JobHeld',
          data: { ...aboutJob(2), reasons: [{ ...held, clearsWhen: 'ET-001 is done, cancelled or paused' }] },
        },
      );
  });

  test('is held wherever the active one stands, as long as it has not ended (SG-05, SG-06)', () => {
    expect(free(arrive(started(fresh(1), 1), 2))).toEqual([]);
  });

  test('is let in by the very event that ends the active one (SG-44)', () => {
    const outcome = started(fresh(1, 2), 1).when(retire(1)).thenTypes('TaskRetired', 'TaskAdmitted', 'JobReleased');
    expect(free(outcome.history)).toEqual([2]);
    outcome.thenNothingMore();
  });

  test('is told anew when the reason changes, and only then', () => {
    const outcome = fresh(1, 2, 3).when(retire(2)).thenTypes('TaskRetired', 'JobHeld');
    expect(holds(outcome.history, 3)).toEqual(['active-task ET-001']);
  });

  test('comes next when the one before it ends, and nobody else does', () => {
    const outcome = fresh(1, 2, 3).when(retire(1)).thenTypes('TaskRetired', 'TaskAdmitted', 'JobReleased');
    expect(free(outcome.history)).toEqual([2]);
  });

  test('names the one before it in the line, where those who are in stand before all who wait', () => {
    const line = arrive(fresh(3, 1), 4);
    expect([1, 4].map((id) => holds(line, id))).toEqual([['active-task ET-003'], ['active-task ET-001']]);
  });

  test('hears nothing new when the front of a line moves on, however long it is', () => {
    const movesOn = ['TaskRetired', 'TaskAdmitted', 'JobReleased'] as const;
    for (const length of [3, 40]) {
      const ids = Array.from({ length }, (_, index) => index + 1);
      started(fresh(...ids), 1)
        .when(retire(1))
        .thenTypes(...movesOn);
    }
  });

  test('hears of another one before it when that one goes, wherever in the line', () => {
    const ids = Array.from({ length: 20 }, (_, index) => index + 1);
    const outcome = fresh(...ids)
      .when(retire(12))
      .thenTypes('TaskRetired', 'JobHeld');
    expect(holds(outcome.history, 13)).toEqual(['active-task ET-011']);
  });
});

describe('The order', () => {
  test('is that of the task numbers, not of the jobs (SG-03, AMB-05)', () => {
    expect(free(started(fresh(3, 2, 1), 3).after(retire(3)))).toEqual([1]);
  });

  test('works a batch of fresh tasks through and never blocks it (SG-08)', () => {
    let current = fresh(3, 1, 4, 2);
    const order: number[] = [];
    while (current.state.tasks.length > 0) {
      const [next, ...others] = free(current);
      expect(others).toEqual([]);
      order.push(next ?? 0);
      current = current.afterAll(close(next ?? 0), retire(next ?? 0));
    }
    expect(order).toEqual([3, 1, 2, 4]);
  });

  test('lets a smaller number that comes late wait for the one that is in, also while that one is tried again', () => {
    const late = arrive(started(fresh(2), 2), 1);
    expect(holds(late, 1)).toEqual(['active-task ET-002']);
    const again = late.after(request(2));
    expect(free(again)).toEqual([2]);
    expect(holds(again, 1)).toEqual(['active-task ET-002']);
  });

  test('holds the analysis that is done again while a smaller task is in (SG-48)', () => {
    const both = started(arrive(started(fresh(1), 1).after(pause(1)), 2), 2).after(resume(1));
    expect(holds(both.after(request(2)), 2)).toEqual(['active-task ET-001']);
  });
});

describe('An end', () => {
  test('of a task that takes no part changes nothing', () => {
    fresh(1).when(retire(7)).thenNothing();
  });

  test('of a task that was still waiting frees nobody who waits for others', () => {
    expect(free(fresh(1, 2, 3).after(retire(2)))).toEqual([1]);
  });

  test('is not undone by hearing late that the task was opened', () => {
    fresh(1).after(retire(1)).when(enlist(1)).thenNothing();
  });

  test('that comes before its analysis is heard of keeps that waiting for nobody', () => {
    const late = fresh(1, 2).after(retire(2)).when(request(2)).thenTypes('AdmissionRequested', 'JobReleased');
    expect(free(late.history.after(close(2)))).toEqual([1]);
  });

  test('of a job that was cancelled unclaimed lets nobody in: its task is still there', () => {
    const gone = wish(CloseAdmission, { repo: repo.REPO, jobId: repo.jobOf(1), claimed: false });
    const outcome = fresh(1, 2).when(gone).thenTypes('AdmissionClosed');
    expect(free(outcome.history)).toEqual([]);
    outcome.thenNothingMore();
  });
});

describe('A head that waits for a dependency', () => {
  test('yields without losing its place', () => {
    const ahead = arrive(emptyRepo().afterAll(enlist(1), dependOn(1, 'ORCH-007'), request(1)), 2, 3);
    expect(free(ahead)).toEqual([2]);
    expect(free(started(ahead, 2).afterAll(endOf('ORCH-007'), retire(2)))).toEqual([1]);
  });

  test('does not run beside the one that went ahead', () => {
    const ahead = arrive(emptyRepo().afterAll(enlist(1), dependOn(1, 'ORCH-007'), request(1)), 2);
    const cleared = ahead.after(endOf('ORCH-007'));
    expect(free(cleared)).toEqual([2]);
    expect(holds(cleared, 1)).toEqual(['active-task ET-002']);
  });

  test('steps back also when it had been let in, so that it may wait for one behind it', () => {
    const outcome = fresh(1, 2)
      .when(dependOn(1, 'ET-002'))
      .thenTypes('DependencyDeclared', 'JobHeld', 'TaskAdmitted', 'JobReleased', 'JobHeld');
    expect(free(outcome.history)).toEqual([2]);
    expect(holds(outcome.history, 1)).toEqual(['dependency ET-002', 'active-task ET-002']);
  });

  test('steps back in whatever order the jobs came', () => {
    expect(free(fresh(2, 1).afterAll(close(2), retire(2), enlist(3), request(3), dependOn(1, 'ET-003')))).toEqual([3]);
    const turned = emptyRepo().afterAll(enlist(1), enlist(2), request(2), request(1), dependOn(1, 'ET-002'));
    expect(free(turned)).toEqual([2]);
  });

  test('is in all the same when its job was claimed in that very moment', () => {
    const outcome = fresh(1).after(dependOn(1, 'ORCH-007')).when(close(1)).thenTypes('AdmissionClosed', 'TaskAdmitted');
    expect(taskIn(outcome.history, 1).admitted).toBe(true);
    expect(holds(arrive(outcome.history, 2), 2)).toEqual(['active-task ET-001']);
  });
});

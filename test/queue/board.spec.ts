import { describe, expect, test } from '@jest/globals';
import { Board } from '../../src/queue/board.js';
import { at, START_MS } from '../support/given.js';

type Event = Parameters<Board['apply']>[0];

/** A board that has heard these facts in their order. */
class Heard {
  readonly board: Board;
  private position = 0;

  constructor(pauseHolds = true) {
    this.board = new Board(pauseHolds);
  }

  tell(type: Event['type'], job: object): this {
    this.position += 1;
    this.board.apply({ type, data: job, position: this.position } as Event);
    return this;
  }

  queued(...jobs: readonly object[]): this {
    for (const job of jobs) this.tell('JobQueued', job);
    return this;
  }

  /** Takes and claims whatever may start, in the order in which it is offered. */
  drain(nowMs = START_MS): readonly number[] {
    const ids: number[] = [];
    for (let job = this.board.take(nowMs); job; job = this.board.take(nowMs)) {
      this.tell('JobClaimed', { ...job, jobId: job.id });
      ids.push(job.id);
    }
    return ids;
  }
}

function job(jobId: number, agent = 'developer', taskId: number | null = jobId) {
  return { jobId, agent, taskId, workItem: taskId === null ? null : `ET-00${taskId}`, repo: 'enduro-trails' };
}

describe('The next job', () => {
  test('is the one with the smallest number among those that may start (QU-16)', () => {
    expect(new Heard().queued(job(3), job(1), job(2)).drain()).toEqual([1, 2, 3]);
  });

  test('is none when nothing is queued (QU-10)', () => {
    expect(new Heard().board.take(START_MS)).toBeNull();
  });

  test.each(['architect', 'developer', 'reviewer', 'tester', 'deployer'])(
    'may be the %s of a task at once: only analysis is gated (SG-02)',
    (agent) => {
      expect(new Heard().queued(job(1, agent)).drain()).toEqual([1]);
    },
  );

  test('may be one without a task (QU-12, SG-45)', () => {
    expect(new Heard().queued(job(1, 'analyst', null)).drain()).toEqual([1]);
  });

  test('is not one that was taken already (QU-02)', () => {
    const { board } = new Heard().queued(job(1));
    expect(board.take(START_MS)?.id).toBe(1);
    expect(board.take(START_MS)).toBeNull();
  });
});

describe('An analysis', () => {
  const analysis = job(1, 'analyst');

  test('waits until admission has let it in', () => {
    const heard = new Heard().queued(analysis);
    expect(heard.drain()).toEqual([]);
    expect(heard.tell('JobReleased', analysis).drain()).toEqual([1]);
  });

  test('keeps nobody else waiting', () => {
    expect(new Heard().queued(analysis, job(2)).drain()).toEqual([2]);
  });

  test('that was let in and is held again does not start', () => {
    const heard = new Heard().queued(analysis).tell('JobReleased', analysis).tell('JobHeld', analysis);
    expect(heard.drain()).toEqual([]);
    expect(heard.tell('JobReleased', analysis).drain()).toEqual([1]);
  });

  test('that is put back has to be let in again', () => {
    const heard = new Heard().queued(analysis).tell('JobReleased', analysis);
    heard.drain();
    heard.tell('JobRequeued', { ...analysis, availableAt: null });
    expect(heard.drain()).toEqual([]);
    expect(heard.tell('JobReleased', analysis).drain()).toEqual([1]);
  });

  test('that is put back does not profit from what was said of the attempt before', () => {
    const heard = new Heard().queued(analysis).tell('JobReleased', analysis);
    heard.drain();
    heard.tell('JobHeld', analysis).tell('JobReleased', analysis).tell('AdmissionClosed', analysis);
    expect(heard.tell('JobRequeued', { ...analysis, availableAt: null }).drain()).toEqual([]);
  });
});

describe('A paused task', () => {
  test('starts nothing, whatever the role (AMB-21)', () => {
    const heard = new Heard().queued(job(1), job(2)).tell('TaskPaused', job(1));
    expect(heard.drain()).toEqual([2]);
    expect(heard.tell('TaskResumed', job(1)).drain()).toEqual([1]);
  });

  test('starts nothing of what is queued during the pause', () => {
    const heard = new Heard().tell('TaskPaused', job(1)).queued(job(1), job(5, 'tester', 1));
    expect(heard.drain()).toEqual([]);
    expect(heard.tell('TaskResumed', job(1)).drain()).toEqual([1, 5]);
  });

  test('keeps its place in the line', () => {
    const heard = new Heard().queued(job(1), job(2)).tell('TaskPaused', job(1));
    expect(heard.board.next(START_MS)).toBe(2);
    expect(heard.tell('TaskResumed', job(1)).board.next(START_MS)).toBe(1);
  });

  test('finishes what runs (AMB-21)', () => {
    const heard = new Heard().queued(job(1));
    heard.drain();
    expect(heard.tell('TaskPaused', job(1)).board.running).toBe(1);
  });

  test('starts as before when the pause layer is off (KS-13)', () => {
    expect(new Heard(false).queued(job(1)).tell('TaskPaused', job(1)).drain()).toEqual([1]);
  });
});

describe('A back-off', () => {
  function afterFailure(availableAt: string | null): Heard {
    const heard = new Heard().queued(job(1));
    heard.drain();
    return heard.tell('JobRequeued', { ...job(1), availableAt });
  }

  test('holds the job until its time, and not longer (QU-08)', () => {
    const heard = afterFailure(at(30));
    expect(heard.board.take(START_MS + 29_999)).toBeNull();
    expect(heard.drain(START_MS + 30_000)).toEqual([1]);
  });

  test('says when it ends, so that nobody has to ask again and again', () => {
    expect(afterFailure(at(30)).board.nextDueAt).toBe(START_MS + 30_000);
    expect(afterFailure(null).board.nextDueAt).toBeNull();
  });

  test('lets others go first meanwhile', () => {
    expect(afterFailure(at(30)).queued(job(7)).drain()).toEqual([7]);
  });

  test('still has to be let in when it is over', () => {
    const heard = new Heard().queued(job(1, 'analyst')).tell('JobReleased', job(1));
    heard.drain();
    heard.tell('JobRequeued', { ...job(1, 'analyst'), availableAt: at(30) });
    expect(heard.drain(START_MS + 60_000)).toEqual([]);
    expect(heard.tell('JobReleased', job(1)).drain(START_MS + 60_000)).toEqual([1]);
  });
});

describe('A job that was taken', () => {
  test('counts as running from that moment (QU-03)', () => {
    const { board } = new Heard().queued(job(1), job(2));
    board.take(START_MS);
    expect(board.running).toBe(1);
  });

  test('goes back into the line when the claim could not be made', () => {
    const { board } = new Heard().queued(job(1), job(2));
    const taken = board.take(START_MS);
    if (taken) board.putBack(taken);
    expect(board.running).toBe(0);
    expect(board.next(START_MS)).toBe(1);
  });

  test('is set aside when somebody was first, until the event that says so', () => {
    const heard = new Heard().queued(job(1), job(2));
    const taken = heard.board.take(START_MS);
    if (taken) heard.board.setAside(taken);
    expect(heard.board.next(START_MS)).toBe(2);
    expect(heard.board.running).toBe(0);
    expect(heard.tell('JobClaimed', job(1)).board.running).toBe(1);
    expect(heard.tell('JobRequeued', { ...job(1), availableAt: null }).board.next(START_MS)).toBe(1);
  });

  test('is not offered from the place that it had in the line for an earlier attempt once it is set aside', () => {
    const { board } = new Heard()
      .queued(job(1))
      .tell('JobClaimed', job(1))
      .tell('JobRequeued', { ...job(1), availableAt: null });
    const taken = board.take(START_MS);
    if (taken) board.setAside(taken);
    expect(board.take(START_MS)).toBeNull();
  });

  test('is gone for good when it was cancelled meanwhile, whatever became of the claim', () => {
    for (const end of ['putBack', 'setAside'] as const) {
      const heard = new Heard().queued(job(1));
      const taken = heard.board.take(START_MS);
      heard.tell('JobCancelled', job(1));
      if (taken) heard.board[end](taken);
      expect(heard.drain()).toEqual([]);
      expect(heard.board.running).toBe(0);
    }
  });

  test('is not taken for running by a claim that is heard after its end', () => {
    const heard = new Heard().queued(job(1));
    heard.drain();
    heard.tell('JobRequeued', { ...job(1), availableAt: at(30) });
    heard.board.apply({ type: 'JobClaimed', data: job(1), position: 2 } as unknown as Event);
    expect(heard.board.running).toBe(0);
  });
});

test.each(['JobSucceeded', 'JobFailed', 'JobCancelled'] as const)('%s makes room for the next one', (end) => {
  const heard = new Heard().queued(job(1));
  heard.drain();
  expect(heard.tell(end, job(1)).board.running).toBe(0);
  expect(heard.board.job(1)).toBeUndefined();
});

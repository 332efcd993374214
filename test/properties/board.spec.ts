import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Board, type BoardJob } from '../../src/queue/board.js';
import { toIso } from '../../src/kernel/time.js';
import { START_MS } from '../support/given.js';

type Event = Parameters<Board['apply']>[0];

interface Row {
  readonly jobId: number;
  readonly agent: string;
  readonly taskId: number;
  readonly workItem: string;
  readonly repo: string;
  status: 'queued' | 'running';
  availableAt: number;
  released: boolean;
  /** Somebody else claims it; the log says so later. */
  lost: boolean;
}

const TASKS = 4;
const SLOTS = 3;

/** Everything about every job in plain rows: who may start is searched anew each time it is asked. */
class Model {
  readonly board = new Board();
  readonly rows = new Map<number, Row>();
  readonly paused = new Set<number>();
  readonly inFlight: BoardJob[] = [];
  nowMs = START_MS;
  private position = 0;
  private jobs = 0;

  get running(): number {
    return [...this.rows.values()].filter(({ status }) => status === 'running').length;
  }

  get next(): number | null {
    const free = [...this.rows.values()].filter((row) => this.mayStart(row)).map(({ jobId }) => jobId);
    return free.length === 0 ? null : Math.min(...free);
  }

  mayStart(row: Row): boolean {
    const isLetIn = row.agent !== 'analyst' || row.released;
    const isTheirs = row.status !== 'queued' || row.lost;
    return !isTheirs && row.availableAt <= this.nowMs && !this.paused.has(row.taskId) && isLetIn;
  }

  add(number: number): void {
    this.jobs += 1;
    const taskId = number % TASKS;
    const agent = number % 2 === 0 ? 'analyst' : 'developer';
    const ref = { jobId: this.jobs, agent, taskId, workItem: `ET-${taskId}`, repo: 'enduro-trails' };
    this.rows.set(this.jobs, { ...ref, status: 'queued', availableAt: 0, released: false, lost: false });
    this.tell('JobQueued', ref);
  }

  tell(type: Event['type'], data: object): void {
    this.position += 1;
    this.board.apply({ type, data, position: this.position } as Event);
  }

  row(number: number, status: Row['status']): Row | undefined {
    const rows = [...this.rows.values()].filter((row) => row.status === status);
    return rows[number % Math.max(1, rows.length)];
  }
}

/** Every way in which a job comes, starts and goes; `number` picks which. */
const MOVES: Readonly<Record<string, (model: Model, number: number) => void>> = {
  add: (model, number) => model.add(number),
  take(model) {
    if (model.board.running >= SLOTS) return;
    const expected = model.next;
    const taken = model.board.take(model.nowMs);
    expect(taken?.id ?? null).toBe(expected);
    const row = taken && model.rows.get(taken.id);
    if (!row) return;
    row.status = 'running';
    model.inFlight.push(taken);
  },
  won(model) {
    const taken = model.inFlight.shift();
    const row = taken && model.rows.get(taken.id);
    if (!row) return;
    row.released = false;
    model.tell('JobClaimed', row);
  },
  lost(model) {
    const taken = model.inFlight.shift();
    const row = taken && model.rows.get(taken.id);
    if (!row) return;
    Object.assign(row, { status: 'queued', lost: true });
    model.board.setAside(taken);
  },
  broken(model) {
    const taken = model.inFlight.shift();
    const row = taken && model.rows.get(taken.id);
    if (!row) return;
    row.status = 'queued';
    model.board.putBack(taken);
  },
  claimedElsewhere(model, number) {
    const row = model.row(number, 'queued');
    if (!row) return;
    Object.assign(row, { status: 'running', lost: false, released: false });
    model.tell('JobClaimed', row);
  },
  requeue(model, number) {
    const row = model.row(number, 'running');
    if (!row || isInFlight(model, row)) return;
    const availableAt = number % 3 === 0 ? 0 : model.nowMs + (number % 5) * 1000;
    Object.assign(row, { status: 'queued', availableAt, released: false, lost: false });
    model.tell('JobRequeued', { ...row, availableAt: availableAt === 0 ? null : toIso(availableAt) });
  },
  end(model, number) {
    const row = model.row(number, 'running');
    if (!row || isInFlight(model, row)) return;
    model.rows.delete(row.jobId);
    model.tell(number % 2 === 0 ? 'JobSucceeded' : 'JobFailed', row);
  },
  cancel(model, number) {
    const row = model.row(number, number % 2 === 0 ? 'queued' : 'running');
    if (!row || isInFlight(model, row)) return;
    model.rows.delete(row.jobId);
    model.tell('JobCancelled', row);
  },
  letIn: (model, number) => judge(model, number, 'JobReleased'),
  hold: (model, number) => judge(model, number, 'JobHeld'),
  close: (model, number) => judge(model, number, 'AdmissionClosed'),
  pause(model, number) {
    const taskId = number % TASKS;
    model.paused.add(taskId);
    model.tell('TaskPaused', { taskId });
  },
  resume(model, number) {
    const taskId = number % TASKS;
    model.paused.delete(taskId);
    model.tell('TaskResumed', { taskId });
  },
  wait(model, number) {
    model.nowMs += (number % 4) * 1000;
  },
};

function isInFlight(model: Model, { jobId }: Row): boolean {
  return model.inFlight.some(({ id }) => id === jobId);
}

function judge(model: Model, number: number, type: 'JobReleased' | 'JobHeld' | 'AdmissionClosed'): void {
  const row = model.row(number, 'queued');
  if (!row) return;
  row.released = type === 'JobReleased';
  model.tell(type, row);
}

const WEIGHTS: Readonly<Record<string, number>> = { add: 5, take: 8, won: 6, letIn: 6, wait: 2 };
const weighted = Object.keys(MOVES).map((kind) => ({ arbitrary: fc.constant(kind), weight: WEIGHTS[kind] ?? 1 }));
const move = fc.tuple(fc.oneof(...weighted), fc.nat({ max: 1000 }));
const moves = fc.array(move, { maxLength: 120, size: 'max' });

describe('In whatever order jobs come, wait, start, fail and go', () => {
  test('the board offers what a search through all jobs would find, and counts what runs', () => {
    fc.assert(
      fc.property(moves, (steps) => {
        const model = new Model();
        for (const [kind, number] of steps) {
          MOVES[kind]?.(model, number);
          expect(model.board.next(model.nowMs)).toBe(model.next);
          expect(model.board.running).toBe(model.running);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('asking for what may start changes nothing that is offered later', () => {
    fc.assert(
      fc.property(moves, fc.nat({ max: 7 }), (steps, every) => {
        const model = new Model();
        steps.forEach(([kind, number], index) => {
          if (index % (every + 2) === 0) model.board.next(model.nowMs);
          MOVES[kind]?.(model, number);
        });
        expect(model.board.next(model.nowMs)).toBe(model.next);
      }),
      { numRuns: 300 },
    );
  });

  test('no more than the free slots are taken, as long as nobody else claims', () => {
    const alone = fc.array(
      fc.tuple(fc.constantFrom('add', 'add', 'take', 'take', 'won', 'requeue', 'end', 'letIn'), fc.nat()),
      {
        maxLength: 120,
        size: 'max',
      },
    );
    fc.assert(
      fc.property(alone, (steps) => {
        const model = new Model();
        for (const [kind, number] of steps) {
          MOVES[kind]?.(model, number);
          expect(model.running).toBeLessThanOrEqual(SLOTS);
        }
      }),
    );
  });

  test('what waits for its time is offered when that has come', () => {
    fc.assert(
      fc.property(moves, (steps) => {
        const model = new Model();
        for (const [kind, number] of steps) MOVES[kind]?.(model, number);
        while (model.board.nextDueAt !== null) {
          model.nowMs = Math.max(model.nowMs, model.board.nextDueAt);
          expect(model.board.next(model.nowMs)).toBe(model.next);
        }
        expect(
          [...model.rows.values()].filter((row) => row.availableAt > model.nowMs && row.status === 'queued'),
        ).toEqual([]);
      }),
    );
  });
});

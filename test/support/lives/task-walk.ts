import fc from 'fast-check';
import { CancelTask, ReportWorktreeRemoved, type TaskCommand } from '../../../src/domain/task/commands.js';
import type { Commit, TaskEvent } from '../../../src/domain/task/events.js';
import { isTerminal, STAGES } from '../../../src/kernel/pipeline/stage.js';
import { at, wish } from '../given.js';
import * as task from './task-history.js';

const OTHER_CODE: Commit = { head: 'nnn888', codeTree: 'tree-2' };

/** What may come next; most of it may also come at the wrong time. */
export const MOVES = {
  forward: (history) => (history.state.status === 'open' ? task.nextStep(history) : null),
  fail: (history) => (history.state.status === 'open' ? task.fail(history) : null),
  finishEarlierRound: (history) => {
    if (history.state.status !== 'open') return null;
    return task.finish(history, { round: history.state.round - 1 });
  },
  answerRed: (history) => answered(history, 'absent'),
  answerFailed: (history) => answered(history, 'failed'),
  answerRebased: (history) => {
    if (!has(history, 'GateCheckRequested')) return null;
    const { gates } = history.last('GateCheckRequested').data;
    return gates.includes('check_branch_mergeable') ? task.rebased(history) : null;
  },
  answerFirst: (history) => {
    const first = history.events.find((event) => event.type === 'GateCheckRequested');
    if (first?.type !== 'GateCheckRequested') return null;
    const { visit, round } = first.data;
    return task.answers(history, {}, { visit, round });
  },
  look: () => task.lookAgain,
  approve: () => task.approve,
  reject: () => task.reject,
  restart: () => task.restart,
  confirm: () => task.confirm,
  confirmEarly: () => task.confirmedAt(at(1)),
  confirmNobody: () => task.confirmedAt(at(1_000), null, 'poll'),
  asked: (history) => (has(history, 'ConfirmationRequested') ? task.asked(history) : null),
  held: (history) => (history.state.status === 'open' ? task.heldBy(history, 'the repository is frozen') : null),
  mergedOtherCode: (history) => (has(history, 'MergeRequested') ? task.merged(history, OTHER_CODE) : null),
  merged: (history) => (has(history, 'MergeRequested') ? task.merged(history) : null),
  mergeRefused: (history) => (has(history, 'MergeRequested') ? task.mergeRefused(history) : null),
  mainMoved: (history) => (has(history, 'MergeRequested') ? task.mergeRefused(history, 'main moved', true) : null),
  cancel: () => wish(CancelTask, { by: task.PERSON, reason: 'not needed' }),
  worktreeRemoved: () => wish(ReportWorktreeRemoved, {}),
} satisfies Record<string, (history: task.TaskHistory) => TaskCommand | null>;

type Move = keyof typeof MOVES;

function has(history: task.TaskHistory, type: TaskEvent['type']): boolean {
  return history.events.some((event) => event.type === type);
}

function answered(history: task.TaskHistory, verdict: 'absent' | 'failed'): TaskCommand | null {
  if (!has(history, 'GateCheckRequested')) return null;
  const { gates } = history.last('GateCheckRequested').data;
  return task.answers(history, Object.fromEntries(gates.map((gate) => [gate, verdict])));
}

const forward = { arbitrary: fc.constant<Move>('forward'), weight: 20 };
const disturbances = (Object.keys(MOVES) as Move[]).filter((move) => move !== 'forward' && move !== 'cancel');
const anything = { arbitrary: fc.constantFrom(...disturbances), weight: 10 };
const cancel = { arbitrary: fc.constant<Move>('cancel'), weight: 1 };
const STARTS = STAGES.filter((stage) => !isTerminal(stage) && stage !== 'created');
/** A smooth life up to some stage, and anything after it. */
export const course = fc.record({
  facts: fc.constantFrom(task.AGENTS_TASK, task.SELF_HOSTING_TASK),
  start: fc.constantFrom(...STARTS),
  moves: fc.array(fc.oneof(forward, anything, cancel), { maxLength: 60, size: 'max' }),
});
export type Course = typeof course extends fc.Arbitrary<infer C> ? C : never;

/** The course with every history on its way. */
export function walk({ facts, start, moves }: Course): readonly { command: TaskCommand; before: task.TaskHistory }[] {
  let history = task.reached(start, task.openedTask(facts));
  return moves.flatMap((move) => {
    const command = MOVES[move](history);
    if (!command) return [];
    const before = history;
    history = history.after(command);
    return [{ command, before }];
  });
}

export function end(walked: Course): task.TaskHistory {
  const last = walk(walked).at(-1);
  return last ? last.before.after(last.command) : task.reached(walked.start, task.openedTask(walked.facts));
}

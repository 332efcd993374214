import { describe, expect, test } from '@jest/globals';
import { CancelTask, ReportWorktreeRemoved } from '../../../src/domain/task/commands.js';
import { wish } from '../../support/given.js';
import * as task from '../../support/lives/task-history.js';

const { approve, confirm, judgedIn, PERSON, reached, REF, reject, restart } = task;
const cancel = wish(CancelTask, { by: PERSON, reason: 'not needed any more' });
const worktreeRemoved = wish(ReportWorktreeRemoved, {});

describe('Cancelled', () => {
  test('ends the task and takes its work back', () => {
    const history = reached('review');
    const work = history.last('WorkRequested').position;
    history
      .when(cancel)
      .then(
        { type: 'TaskCancelled', data: { ...REF, from: 'review', reason: 'not needed any more' } },
        { type: 'WorkWithdrawn', data: { work, performer: 'agent', reason: 'not needed any more' } },
      );
  });

  test('ends a task that nobody works for without taking anything back', () => {
    judgedIn('review').when(cancel).thenTypes('TaskCancelled');
  });

  test('given twice changes nothing', () => {
    reached('review').when(cancel).thenNothingMore();
  });

  test('is refused once the task is done', () => {
    reached('done').when(cancel).thenRefused('terminal');
  });
});

describe('A task that has ended', () => {
  test.each([approve, reject, restart, confirm])('says so to $type', (gesture) => {
    reached('done')
      .when(gesture)
      .then({
        type: 'GestureIgnored',
        data: { ...REF, gesture: gesture.type, stage: 'done', by: PERSON, reason: 'the task is done' },
      });
  });

  test('does not hear what becomes of work that was taken back', () => {
    const history = reached('review');
    const ended = history.after(cancel);
    ended.when(task.finish(history)).thenNothing();
    ended.when(task.fail(history)).thenNothing();
  });

  test('gives its worktree back once', () => {
    reached('review').after(cancel).when(worktreeRemoved).thenTypes('WorktreeRemoved').thenNothingMore();
  });

  test('alone can give its worktree back', () => {
    reached('review').when(worktreeRemoved).thenNothing();
    const early = reached('review').and({ type: 'WorktreeRemoved', data: REF });
    expect(early.state).toEqual(reached('review').state);
  });
});

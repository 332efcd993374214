import { describe, expect, test } from '@jest/globals';
import { tasks } from '../../src/projections/task/tasks.js';
import { history, rowsAfter, type Told } from './folding.js';

const OPENED: Told = {
  type: 'TaskOpened',
  data: {
    taskId: 1,
    workItem: 'ET-001',
    itemId: 'item-1',
    projectId: 'p-1',
    repo: 'alpha',
    title: 'Add a map',
    description: '',
    branch: 'feature/ET-001-add-a-map',
  },
};
const COMMIT = { head: 'abc', codeTree: 'tree' };

function advanced(from: string, to: string, visit: number): Told {
  return { type: 'TaskAdvanced', data: { from, to, visit } };
}

function after(...told: Told[]) {
  return rowsAfter(tasks, history(OPENED, ...told))[0];
}

const EVALUATED: Told = {
  type: 'GateEvaluated',
  data: {
    stage: 'review',
    visit: 1,
    gate: 'check_reviewer_verdict',
    answer: 'failed',
    reason: 'REQUEST_CHANGES',
    evidence: {},
  },
};

describe('the row of a task', () => {
  test('begins in created, with nothing paused, cancelled, escalated or admitted', () => {
    expect(after()).toMatchObject({
      id: 1,
      work_item_id: 'ET-001',
      plane_id: 'item-1',
      stage: 'created',
      escalated: 0,
      paused_at: null,
      cancelled_at: null,
      admitted_at: null,
      created_at: '2026-01-01T00:00:01.000Z',
    });
  });

  test('moves with the stage and remembers when it was entered', () => {
    expect(after(advanced('created', 'analysis', 1))).toMatchObject({
      stage: 'analysis',
      visit: 1,
      stage_entered_at: '2026-01-01T00:00:02.000Z',
    });
  });

  test('keeps the stage entry when the task is only annotated', () => {
    const paused: Told = {
      type: 'TaskPaused',
      data: { taskId: 1, since: '2026-01-01T00:00:03.000Z' },
      stream: 'admission-alpha',
    };
    expect(after(advanced('created', 'analysis', 1), paused)).toMatchObject({
      paused_at: '2026-01-01T00:00:03.000Z',
      stage_entered_at: '2026-01-01T00:00:02.000Z',
    });
  });

  test('forgets the answers of a gate when the task is sent back, and counts the retry', () => {
    const back: Told = {
      type: 'TaskSentBack',
      data: { from: 'review', to: 'development', visit: 2, reason: 'REQUEST_CHANGES', retries: 1 },
    };
    expect(after(EVALUATED)).toMatchObject({ gate_answer: 'failed', gate_reason: 'REQUEST_CHANGES' });
    expect(after(EVALUATED, back)).toMatchObject({
      stage: 'development',
      developer_retries: 1,
      gate: null,
      gate_answer: null,
    });
  });

  test('says why a person is needed, until the person has come', () => {
    const escalated: Told = { type: 'TaskEscalated', data: { stage: 'development', reason: 'again red', retries: 4 } };
    const restarted: Told = { type: 'TaskRestarted', data: { stage: 'development', visit: 2, by: 'plane:ann' } };
    expect(after(escalated)).toMatchObject({ escalated: 1, failure: 'again red', developer_retries: 4 });
    expect(after(escalated, restarted)).toMatchObject({ escalated: 0, failure: null, developer_retries: 0 });
  });

  test('keeps the pull request when later work names none', () => {
    const work = (pullRequest: number | null): Told => ({
      type: 'WorkFinished',
      data: { stage: 'review', visit: 1, round: 1, by: 'job-3', commit: COMMIT, artifacts: [], pullRequest },
    });
    expect(after(work(7), work(null))).toMatchObject({ pull_request: 7, head: 'abc', code_tree: 'tree' });
  });

  test('shows an open request for approval, and no more once it was given', () => {
    const requested: Told = { type: 'ApprovalRequested', data: { stage: 'analysis', visit: 1 } };
    const given: Told = { type: 'ApprovalGiven', data: { stage: 'analysis', visit: 1, by: 'plane:ann' } };
    expect(after(requested)?.approval_requested_at).toBe('2026-01-01T00:00:02.000Z');
    expect(after(requested, given)?.approval_requested_at).toBeNull();
  });

  test('of a cancelled task stands in the stage cancelled, with the time', () => {
    const cancelled: Told = { type: 'TaskCancelled', data: { from: 'analysis', reason: 'not wanted' } };
    expect(after(cancelled)).toMatchObject({ stage: 'cancelled', cancelled_at: '2026-01-01T00:00:02.000Z' });
  });

  test('does not come into being by an event about a task that was never opened', () => {
    expect(rowsAfter(tasks, history(advanced('created', 'analysis', 1)))).toEqual([]);
  });
});

import { describe, expect, test } from '@jest/globals';
import { MAX_DEVELOPER_RETRIES } from '../../../src/domain/task/stages.js';
import type { Gate, Stage } from '../../../src/kernel/pipeline/stage.js';
import * as task from '../../support/lives/task-history.js';

const { answers, judgedIn, mergeRefused, merged, open, openedTask, reached, REF, SELF_HOSTING_TASK } = task;

/** Testing fails so many times in a row. */
function failedTests(times: number): task.TaskHistory {
  let history = openedTask();
  for (let time = 0; time < times; time += 1) {
    const judged = judgedIn('testing', history);
    history = judged.after(answers(judged, { check_tests_passed: 'failed' }));
  }
  return history;
}

describe('A recorded verdict sends the task back to development', () => {
  const VERDICTS: readonly [Stage, Gate, string][] = [
    ['review', 'check_reviewer_verdict', 'REQUEST_CHANGES'],
    ['testing', 'check_tests_passed', 'FAIL'],
    ['deploy-staging', 'check_staging_status', 'FAILED'],
    ['deploy', 'check_deploy_status', 'FAILED'],
  ];

  test.each(VERDICTS)('from %s when %s says %s', (stage, gate) => {
    const judged = judgedIn(stage);
    const { visit } = open(judged);
    const outcome = judged.when(answers(judged, { [gate]: 'failed' }));
    const reason = `${gate}: ${gate} is failed`;
    expect(outcome.events.slice(-2)).toEqual([
      {
        type: 'TaskSentBack',
        data: { ...REF, from: stage, to: 'development', visit: visit + 1, reason, retries: 1 },
      },
      {
        type: 'WorkRequested',
        data: {
          ...REF,
          stage: 'development',
          visit: visit + 1,
          round: 1,
          performer: 'agent',
          role: 'developer',
          revision: null,
          feedback: [reason],
        },
      },
    ]);
  });

  test('and after three retries the fourth return escalates and asks for no work', () => {
    expect(MAX_DEVELOPER_RETRIES).toBe(3);
    const third = failedTests(3);
    expect(open(third)).toMatchObject({ retries: 3, escalated: false, step: { kind: 'working' } });
    const judged = judgedIn('testing', third);
    const fourth = judged.when(answers(judged, { check_tests_passed: 'failed' }));
    fourth.thenTypes('GateEvaluated', 'GateCheckAnswered', 'TaskSentBack', 'TaskEscalated');
    expect(fourth.events.at(-1)?.data).toEqual({
      ...REF,
      stage: 'development',
      reason: 'check_tests_passed: check_tests_passed is failed',
      retries: 4,
    });
  });

  test('and an escalated task is left alone by everything that is not a person', () => {
    const escalated = failedTests(4);
    escalated.when(task.finish(escalated)).thenNothing();
    escalated.when(task.fail(escalated)).thenNothing();
    escalated.when(answers(escalated)).thenTypes('GateCheckAnswered');
  });
});

describe('A merge', () => {
  test('is asked for when a project that asks nobody enters deploy', () => {
    const staged = judgedIn('deploy-staging');
    const outcome = staged.when(answers(staged));
    expect(outcome.events.at(-1)).toEqual({
      type: 'MergeRequested',
      data: {
        ...REF,
        branch: task.AGENTS_TASK.branch,
        visit: open(staged).visit + 1,
        pullRequest: task.PULL_REQUEST,
        commit: task.HEAD,
        title: task.AGENTS_TASK.title,
      },
    });
  });

  test('that landed lets the deploy begin, once', () => {
    const merging = reached('deploy');
    merging.when(merged(merging)).thenTypes('ChangeMerged', 'WorkRequested').thenNothingMore();
  });

  test('that is refused goes back to development as a retry, with the reason', () => {
    const merging = reached('deploy');
    const outcome = merging
      .when(mergeRefused(merging, 'conflict in map.ts'))
      .thenTypes('MergeRefused', 'TaskSentBack', 'WorkRequested');
    expect(open(outcome.history)).toMatchObject({ stage: 'development', retries: 1 });
    expect(outcome.history.last('WorkRequested').data.feedback).toEqual(['merge refused: conflict in map.ts']);
  });

  test('that is refused because the default branch moved on is staged again, and is no retry', () => {
    const entered = reached('deploy', openedTask(SELF_HOSTING_TASK));
    const merging = entered.after(task.asked(entered)).after(task.confirm);
    const outcome = merging
      .when(mergeRefused(merging, 'main moved on', true))
      .thenTypes('MergeRefused', 'TaskSentBack', 'WorkRequested');
    expect(open(outcome.history)).toMatchObject({ stage: 'deploy-staging', retries: 0 });
    expect(outcome.history.last('WorkRequested').data).toMatchObject({
      performer: 'staging-hook',
      round: 1,
      revision: task.HEAD,
    });
  });
});

describe('A merge report that comes too late only closes its intent', () => {
  const REPORTS = [
    ['merged', merged, 'ChangeMerged'],
    ['refused', mergeRefused, 'MergeRefused'],
  ] as const;

  test.each(REPORTS)('when the task was sent back meanwhile and the report says %s', (_what, report, closing) => {
    const merging = reached('deploy');
    const rejected = merging.after(task.reject);
    const outcome = rejected.when(report(merging)).thenTypes(closing);
    expect(task.meaningOf(outcome.history)).toEqual(task.meaningOf(rejected));
  });

  test.each(REPORTS)('when a later visit is merging and the report says %s', (_what, report, closing) => {
    const first = reached('deploy');
    const second = reached('deploy', first.after(task.reject));
    const outcome = second.when(report(first)).thenTypes(closing);
    expect(task.meaningOf(outcome.history)).toEqual(task.meaningOf(second));
    outcome.history.when(merged(outcome.history)).thenTypes('ChangeMerged', 'WorkRequested');
  });

  test.each(REPORTS)('when the task has ended and the report says %s', (_what, report, closing) => {
    const merging = reached('deploy');
    const ended = reached('done', merging);
    const outcome = ended.when(report(merging)).thenTypes(closing);
    expect(task.meaningOf(outcome.history)).toEqual(task.meaningOf(ended));
  });

  test('so a refusal after the merge does not take the deploy away', () => {
    const merging = reached('deploy');
    const deploying = merging.after(merged(merging));
    const outcome = deploying.when(mergeRefused(merging)).thenTypes('MergeRefused');
    expect(task.meaningOf(outcome.history)).toEqual(task.meaningOf(deploying));
  });
});

import { describe, expect, test } from '@jest/globals';
import { AnswerGateCheck, RequestGateCheck } from '../../../src/domain/task/commands.js';
import { performerOf, STAGE_TABLE, type WorkingStage } from '../../../src/domain/task/stages.js';
import { GATES, STAGES, TERMINAL_STAGES, type Gate, type Stage } from '../../../src/kernel/pipeline/stage.js';
import { wish } from '../../support/given.js';
import { AGENT_PROJECT, policyWith, SELF_HOSTING_PROJECT } from '../../support/policy.js';
import * as task from '../../support/lives/task-history.js';

const { answers, judgedIn, openedTask, reading, reached, REF } = task;
const look = (head: string | null = null) => wish(RequestGateCheck, { trigger: 'reconciler', head });

describe('Each stage has its gates, in order', () => {
  const TABLE: readonly [WorkingStage, readonly Gate[]][] = [
    ['analysis', ['check_analysis_complete', 'check_analysis_approved']],
    ['architecture', ['check_architecture_done']],
    ['development', ['check_ci_green']],
    ['review', ['check_reviewer_verdict']],
    ['testing', ['check_tests_passed']],
    ['deploy-staging', ['check_staging_status', 'check_branch_mergeable', 'check_staging_image_fresh']],
    ['deploy', ['check_deploy_status']],
  ];

  test.each(TABLE)('%s is left through %s', (stage, gates) => {
    expect(STAGE_TABLE[stage].gates(AGENT_PROJECT)).toEqual(gates);
  });

  test('a project that tests locally leaves development through check_tests_local', () => {
    const local = { ...AGENT_PROJECT, ci: 'local' } as const;
    expect(STAGE_TABLE.development.gates(local)).toEqual(['check_tests_local']);
  });

  test('a project that reviews on the forge also needs an approving review', () => {
    const forge = { ...AGENT_PROJECT, review: 'forge' } as const;
    expect(STAGE_TABLE.review.gates(forge)).toEqual(['check_reviewer_verdict', 'check_review_approved']);
  });

  test('there are ten stages, the last two of them terminal, and twelve gates', () => {
    expect(STAGES).toHaveLength(10);
    expect(TERMINAL_STAGES).toEqual(['done', 'cancelled']);
    expect(new Set(GATES).size).toBe(12);
  });

  test('every gate of the registry belongs to a stage', () => {
    const projects = [AGENT_PROJECT, { ...AGENT_PROJECT, ci: 'local', review: 'forge' } as const];
    const used = projects.flatMap((project) => Object.values(STAGE_TABLE).flatMap((row) => row.gates(project)));
    expect([...new Set(used)].sort()).toEqual([...GATES].sort());
  });

  test('no gate is named for what the scheduler decides', () => {
    expect(GATES.filter((gate) => /serial|pause/.test(gate))).toEqual([]);
  });

  test('hooks do the deploy stages of the project that has them, agents everything else [DEP-19, AG-10]', () => {
    const stages = Object.keys(STAGE_TABLE) as WorkingStage[];
    expect(stages.map((stage) => performerOf(stage, AGENT_PROJECT))).toEqual(stages.map(() => 'agent'));
    expect(performerOf('deploy-staging', SELF_HOSTING_PROJECT)).toBe('staging-hook');
    expect(performerOf('deploy', SELF_HOSTING_PROJECT)).toBe('production-hook');
    expect(performerOf('testing', SELF_HOSTING_PROJECT)).toBe('agent');
  });
});

describe('A gate check', () => {
  test('never asks the world for what only a person can answer', () => {
    expect(judgedIn('analysis').last('GateCheckRequested').data.gates).toEqual(['check_analysis_complete']);
  });

  test('is not asked for while one is open', () => {
    judgedIn('review').when(look()).thenNothing();
  });

  test('is not asked for while the work is still being done', () => {
    reached('review').when(look()).thenNothing();
  });

  test('is not asked for while a person is asked to approve', () => {
    const judged = judgedIn('analysis');
    judged.after(answers(judged)).when(look()).thenNothing();
  });

  test('is asked for again once the last one found nothing', () => {
    const judged = judgedIn('development');
    const waiting = judged.after(answers(judged, { check_ci_green: 'absent' }));
    const again = waiting.when(look()).thenTypes('GateCheckRequested');
    expect(again.history.last('GateCheckRequested').data.trigger).toBe('reconciler');
    again.thenNothingMore();
  });

  test('for a head that is no longer the published one is not asked for', () => {
    const judged = judgedIn('development');
    const waiting = judged.after(answers(judged, { check_ci_green: 'absent' }));
    waiting.when(look('an-older-head')).thenNothing();
    waiting.when(look(task.HEAD.head)).thenTypes('GateCheckRequested');
  });
});

describe('The answer to a gate check', () => {
  test('is recorded with its evidence and closes the check', () => {
    const judged = judgedIn('development');
    const { visit, round } = task.open(judged);
    const evidence = { commit: task.HEAD.head };
    const red = { gate: 'check_ci_green', answer: 'absent', reason: 'no status yet', evidence } as const;
    judged.when(answers(judged, {}, { readings: [red] })).then(
      { type: 'GateEvaluated', data: { stage: 'development', visit, ...red } },
      {
        type: 'GateCheckAnswered',
        data: { visit, round, green: false, trigger: 'job-1 finished', changedAt: null },
      },
    );
  });

  test('is not recorded again while it stays the same', () => {
    const judged = judgedIn('development');
    const waiting = judged.after(answers(judged, { check_ci_green: 'absent' })).after(look());
    waiting.when(answers(waiting, { check_ci_green: 'absent' })).thenTypes('GateCheckAnswered');
  });

  test('is recorded again when only the reason changes', () => {
    const judged = judgedIn('development');
    const waiting = judged.after(answers(judged, { check_ci_green: 'absent' })).after(look());
    const readings = [reading('check_ci_green', 'absent', 'one check of two has reported')];
    waiting.when(answers(waiting, {}, { readings })).thenTypes('GateEvaluated', 'GateCheckAnswered');
  });

  test('that is absent is red and moves nothing', () => {
    const judged = judgedIn('deploy');
    const outcome = judged.when(answers(judged, { check_deploy_status: 'absent' }));
    outcome.thenTypes('GateEvaluated', 'GateCheckAnswered');
    expect(outcome.history.state).toMatchObject({ stage: 'deploy', retries: 0 });
  });

  test('that staging runs other code by now has it staged again, without a retry, twice at most', () => {
    const stale = (history: task.TaskHistory) => answers(history, { check_staging_image_fresh: 'outdated' });
    const again = (history: task.TaskHistory) => judgedIn('deploy-staging', history.after(stale(history)));
    const first = judgedIn('deploy-staging');
    expect(first.when(stale(first)).history.state).toMatchObject({ stage: 'deploy-staging', round: 2, retries: 0 });
    const third = again(again(first));
    third.when(stale(third)).thenTypes('GateEvaluated', 'GateEvaluated', 'GateEvaluated', 'GateCheckAnswered');
  });

  test('moves on only when every gate of the stage was read and passed', () => {
    const judged = judgedIn('deploy-staging');
    const readings = [reading('check_staging_status', 'passed'), reading('check_branch_mergeable', 'passed')];
    judged.when(answers(judged, {}, { readings })).thenTypes('GateEvaluated', 'GateEvaluated', 'GateCheckAnswered');
  });

  test('is the first gate in order that is not green, so an absent one keeps a later failure from sending back', () => {
    const judged = judgedIn('deploy-staging');
    const verdicts = { check_staging_status: 'absent', check_branch_mergeable: 'failed' } as const;
    const outcome = judged.when(answers(judged, verdicts));
    expect(outcome.events.map((event) => event.type)).not.toContain('TaskSentBack');
  });

  test.each([
    ['analysis', 'check_analysis_complete'],
    ['architecture', 'check_architecture_done'],
  ] as const)('of %s can be red, but never leads on to development [RB-11]', (stage, gate) => {
    const judged = judgedIn(stage);
    judged.when(answers(judged, { [gate]: 'failed' })).thenTypes('GateEvaluated', 'GateCheckAnswered');
  });

  test('about a gate that was not asked for is not heard, least of all one that is a person’s', () => {
    const judged = judgedIn('analysis');
    const readings = [reading('check_analysis_approved', 'passed'), reading('check_deploy_status', 'failed')];
    judged.when(answers(judged, {}, { readings })).thenTypes('GateCheckAnswered');
  });
});

describe('A stale answer only closes its intent', () => {
  test('when the task has moved on to another visit', () => {
    const judged = judgedIn('review');
    const late = answers(judged);
    const { visit, round } = late.payload;
    const closed = { type: 'GateCheckAnswered', data: { visit, round, green: false } } as const;
    const moved = judged.after(late);
    moved.when(late).then(closed);
    expect(task.meaningOf(moved.after(late))).toEqual(task.meaningOf(moved));
  });

  test('when the work was started again in the same visit', () => {
    const judged = judgedIn('review');
    const late = answers(judged);
    judged.after(task.restart).when(late).thenTypes('GateCheckAnswered');
  });

  test('when it was read from another head', () => {
    const judged = judgedIn('review');
    judged.when(answers(judged, {}, { head: 'an-older-head' })).thenTypes('GateCheckAnswered');
  });

  test('when the task has ended', () => {
    const judged = judgedIn('review');
    const late = answers(judged);
    const { visit, round } = late.payload;
    const ended = reached('done', judged);
    ended.when(late).then({ type: 'GateCheckAnswered', data: { visit, round, green: false } });
    expect(task.meaningOf(ended.after(late))).toEqual(task.meaningOf(ended));
  });

  test('and leaves a check that is open for the current round open', () => {
    const judged = judgedIn('review');
    const late = answers(judged);
    const again = judged.after(task.restart);
    const reopened = again.after(task.finish(again));
    expect(task.meaningOf(reopened.after(late))).toEqual(task.meaningOf(reopened));
    reopened.after(late).when(look()).thenNothing();
  });
});

describe('A verdict counts only for the visit that it was given in', () => {
  const sentBack = () => {
    const judged = judgedIn('testing');
    return judged.after(answers(judged, { check_tests_passed: 'failed' }));
  };

  test('after a roll-back the artifacts of the earlier visit are not offered to the gate', () => {
    const before = judgedIn('review').last('GateCheckRequested').data.artifacts;
    const again = judgedIn('review', sentBack()).last('GateCheckRequested').data.artifacts;
    expect(again).not.toEqual(before);
  });

  test('after a roll-back the old answers are forgotten', () => {
    expect(task.open(reached('review', sentBack())).answers).toEqual({});
  });

  test('an APPROVED that was read before the roll-back does not advance the review after it', () => {
    const first = judgedIn('review');
    const approved = answers(first);
    const second = judgedIn('review', sentBack());
    second.when(approved).thenTypes('GateCheckAnswered');
  });

  test('a gate answered with nothing at all is red', () => {
    const judged = judgedIn('review');
    const { visit, round } = task.open(judged);
    const nothing = wish(AnswerGateCheck, { visit, round, head: task.HEAD.head, readings: [] });
    const data = { visit, round, green: false, trigger: 'job-1 finished', changedAt: null };
    judged.when(nothing).then({ type: 'GateCheckAnswered', data });
  });
});

describe('The switches of a project are those in force when the answer arrives', () => {
  test('a project that now also reviews on the forge is not green with the artifact alone', () => {
    const judged = judgedIn('review').under(policyWith({ projects: [{ ...AGENT_PROJECT, review: 'forge' }] }));
    judged.when(answers(judged)).thenTypes('GateEvaluated', 'GateCheckAnswered');
  });

  test('the branch of a task without a pull request goes back instead of to production', () => {
    const stages: readonly Stage[] = ['analysis', 'architecture', 'development', 'review', 'testing', 'deploy-staging'];
    let history = openedTask();
    for (const stage of stages) {
      history = reached(stage, history);
      history = history.after(task.finish(history, { pullRequest: null }));
      if (stage !== 'deploy-staging') history = history.after(answers(history));
    }
    const outcome = history.when(answers(history));
    expect(outcome.events.at(-2)).toMatchObject({
      type: 'TaskSentBack',
      data: { ...REF, from: 'deploy-staging', reason: 'the branch has no pull request that could be merged' },
    });
  });
});

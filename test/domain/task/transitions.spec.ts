import { describe, expect, test } from '@jest/globals';
import { OpenTask, ReportWorkFinished } from '../../../src/domain/task/commands.js';
import { taskDecider } from '../../../src/domain/task/decide.js';
import type { Role, Stage } from '../../../src/kernel/pipeline/stage.js';
import { given, History, wish } from '../../support/given.js';
import { AGENT_PROJECT, policyWith } from '../../support/policy.js';
import * as task from '../../support/lives/task-history.js';

const { AGENTS_TASK, HEAD, PULL_REQUEST, REF, answers, judgedIn, openedTask, reached, SELF_HOSTING_TASK } = task;

describe('A task is opened', () => {
  test('leaving created for analysis, with exactly one analyst at work [WHP-25, BR-07]', () => {
    given(taskDecider)
      .when(wish(OpenTask, AGENTS_TASK))
      .then(
        { type: 'TaskOpened', data: AGENTS_TASK },
        { type: 'TaskAdvanced', data: { ...REF, from: 'created', to: 'analysis', visit: 1 } },
        {
          type: 'WorkRequested',
          data: {
            ...REF,
            stage: 'analysis',
            visit: 1,
            round: 1,
            performer: 'agent',
            role: 'analyst',
            revision: null,
            feedback: [],
          },
        },
      );
  });

  test('once, however often it is asked for', () => {
    openedTask().when(wish(OpenTask, AGENTS_TASK)).thenNothing();
  });

  test('only in a repository that a project is configured for', () => {
    given(taskDecider)
      .when(wish(OpenTask, { ...AGENTS_TASK, repo: 'nowhere' }))
      .thenRefused('unknown-project');
  });
});

describe('The stages follow one another in the order of the pipeline', () => {
  const COURSE: readonly [from: Stage, to: Stage, role: Role][] = [
    ['architecture', 'development', 'developer'],
    ['development', 'review', 'reviewer'],
    ['review', 'testing', 'tester'],
    ['testing', 'deploy-staging', 'deployer'],
  ];

  test.each(COURSE)('%s, when its gates are green, gives way to %s with one job of the %s', (from, to, role) => {
    const judged = judgedIn(from);
    const outcome = judged.when(answers(judged));
    const { visit } = task.open(judged);
    expect(outcome.events.filter((event) => event.type === 'TaskAdvanced')).toEqual([
      { type: 'TaskAdvanced', data: { ...REF, from, to, visit: visit + 1 } },
    ]);
    const work = outcome.events.filter((event) => event.type === 'WorkRequested');
    expect(work).toHaveLength(1);
    expect(work[0]?.data).toMatchObject({ stage: to, visit: visit + 1, round: 1, role, performer: 'agent' });
  });

  test('analysis gives way to architecture with one job of the architect when a person approves [ORCH-059 TC-06, WHP-13]', () => {
    const judged = judgedIn('analysis');
    const asked = judged.after(answers(judged));
    const work = asked.when(task.approve).thenTypes('ApprovalGiven', 'GateEvaluated', 'TaskAdvanced', 'WorkRequested');
    expect(work.history.last('WorkRequested').data).toMatchObject({ stage: 'architecture', role: 'architect' });
  });

  test('deploy gives way to done, and nobody works any more', () => {
    const judged = judgedIn('deploy');
    const { visit } = task.open(judged);
    const outcome = judged.when(answers(judged)).thenTypes('GateEvaluated', 'GateCheckAnswered', 'TaskAdvanced');
    expect(outcome.events.at(-1)?.data).toEqual({ ...REF, from: 'deploy', to: 'done', visit: visit + 1 });
    expect(outcome.history.state).toMatchObject({ status: 'closed', stage: 'done' });
  });

  test('a smooth course visits every stage once', () => {
    const moves = reached('done').events.flatMap((event) => (event.type === 'TaskAdvanced' ? [event.data.to] : []));
    expect(moves).toEqual([
      'analysis',
      'architecture',
      'development',
      'review',
      'testing',
      'deploy-staging',
      'deploy',
      'done',
    ]);
  });
});

describe('The work of a stage', () => {
  test('is judged as soon as it is published', () => {
    const developing = reached('development');
    const { visit } = task.open(developing);
    const artifacts = [{ path: 'docs/work-items/ET-001/12-review.md', digest: 'd' }];
    const result = { visit, round: 1, by: 'job-9', commit: HEAD, artifacts, pullRequest: 8 };
    developing.when(wish(ReportWorkFinished, result)).then(
      { type: 'WorkFinished', data: { stage: 'development', ...result } },
      {
        type: 'GateCheckRequested',
        data: {
          ...REF,
          branch: AGENTS_TASK.branch,
          stage: 'development',
          visit,
          round: 1,
          gates: ['check_ci_green'],
          commit: HEAD,
          landed: null,
          artifacts,
          pullRequest: 8,
          trigger: 'job-9 finished',
        },
      },
    );
  });

  test('that names no pull request leaves the known one in force', () => {
    const reviewing = reached('review');
    const judged = reviewing.after(task.finish(reviewing, { pullRequest: null }));
    expect(judged.last('GateCheckRequested').data.pullRequest).toBe(PULL_REQUEST);
    expect(task.open(judged).pullRequest).toBe(PULL_REQUEST);
  });

  test('that failed moves nothing: a person has to look', () => {
    const testing = reached('testing');
    const { visit } = task.open(testing);
    testing.when(task.fail(testing, 'no agent')).then({
      type: 'WorkFailed',
      data: { ...REF, stage: 'testing', visit, round: 1, by: 'job-1', reason: 'no agent' },
    });
  });

  test.each([
    ['finished', task.finish],
    ['failed', task.fail],
  ])('that %s for an earlier visit changes nothing', (_how, report) => {
    const reviewing = reached('review');
    reached('testing', reviewing).when(report(reviewing)).thenNothing();
  });

  test('is done by code where a hook is configured, and given the published revision', () => {
    const staging = reached('deploy-staging', openedTask(SELF_HOSTING_TASK));
    expect(staging.last('WorkRequested').data).toMatchObject({
      stage: 'deploy-staging',
      performer: 'staging-hook',
      role: 'deployer',
      revision: HEAD,
    });
  });

  test('by the production hook is given the merged revision, not the branch [DEP-23, AMB-31]', () => {
    const deploying = judgedIn('deploy', openedTask(SELF_HOSTING_TASK));
    expect(deploying.last('WorkRequested').data).toMatchObject({ performer: 'production-hook', revision: task.MERGED });
  });

  test('is given to an agent without a revision where no hook is configured', () => {
    const deploying = judgedIn('deploy');
    expect(deploying.last('WorkRequested').data).toMatchObject({ performer: 'agent', revision: null });
  });
});

describe('A task that', () => {
  test('does not exist refuses every command', () => {
    given(taskDecider).when(task.approve).thenRefused('unknown-task');
  });

  test('belongs to a repository whose project was removed refuses every command', () => {
    const orphan = openedTask().under(policyWith({ projects: [] }));
    orphan.when(task.approve).thenRefused('unknown-project');
  });

  test('belongs to a project that came back goes on where it was', () => {
    const back = openedTask().under(policyWith({ projects: [AGENT_PROJECT] }));
    back.when(task.finish(back)).thenTypes('WorkFinished', 'GateCheckRequested');
  });

  test('hears of facts before it was opened stays unopened', () => {
    const lost = History.begin(taskDecider).and({
      type: 'TaskCancelled',
      data: { ...REF, from: 'created', reason: '' },
    });
    expect(lost.state).toEqual({ status: 'unopened' });
  });
});

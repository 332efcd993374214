import { describe, expect, test } from '@jest/globals';
import * as task from '../../support/lives/task-history.js';

const { answers, HEAD, judgedIn, open, openedTask, REBASED, rebased } = task;
const staged = judgedIn('deploy-staging', openedTask(task.SELF_HOSTING_TASK));

describe('A branch that the merge gate rebased', () => {
  test('is what the task would merge from then on, and staging runs again without a retry [MG-12, AMB-28]', () => {
    const outcome = staged.when(rebased(staged));
    const restaged = outcome.history.last('WorkRequested').data;
    expect(outcome.events.filter(({ type }) => type !== 'GateEvaluated').map(({ type }) => type)).toEqual([
      ...['BranchRebased', 'GateCheckAnswered', 'WorkRequested'],
    ]);
    expect(outcome.history.last('BranchRebased').data).toMatchObject({ from: HEAD, to: REBASED, onto: 'ddd555' });
    expect(restaged).toMatchObject({
      stage: 'deploy-staging',
      visit: staged.last('WorkRequested').data.visit,
      round: 2,
    });
    expect(restaged).toMatchObject({ performer: 'staging-hook', revision: REBASED });
    expect(open(outcome.history).retries).toBe(0);
  });

  test('whose code is the same as before goes on to deploy with its new head', () => {
    const to = { ...REBASED, codeTree: HEAD.codeTree };
    const advanced = staged.after(answers(staged, {}, { rebased: { to, onto: 'ddd555' } }));
    expect(open(advanced)).toMatchObject({ stage: 'deploy', commit: to });
  });

  test('is staged anew three times at most, and then a person has to look', () => {
    let history = staged;
    for (const head of ['one', 'two', 'three']) {
      history = history.after(rebased(history, { head, codeTree: head }));
      if (open(history).step.kind === 'working')
        history = history.after(task.finish(history, { commit: { head, codeTree: head } }));
    }
    expect(open(history)).toMatchObject({ stage: 'deploy-staging', round: 3, step: { kind: 'judging', check: null } });
    expect(open(history).answers.check_staging_image_fresh?.answer).toBe('outdated');
  });

  test('for a visit that is over changes nothing but the close of the check', () => {
    const gone = staged.after(task.reject);
    const outcome = gone.when(rebased(staged)).thenTypes('GateCheckAnswered');
    expect(open(outcome.history).commit).toEqual(open(gone).commit);
  });
});

import { describe, expect, test } from '@jest/globals';
import { taskDecider } from '../../../src/domain/task/decide.js';
import { isTerminal, STAGES, type Stage } from '../../../src/kernel/pipeline/stage.js';
import { given } from '../../support/given.js';
import * as task from '../../support/lives/task-history.js';

const { answers, approve, judgedIn, merged, open, openedTask, PERSON, reached, REF, reject, restart } = task;
const LATER: readonly Stage[] = STAGES.filter(
  (stage) => !isTerminal(stage) && stage !== 'created' && stage !== 'analysis',
);

function ignored(gesture: string, stage: Stage, reason: string) {
  return { type: 'GestureIgnored', data: { ...REF, gesture, stage, by: PERSON, reason } } as const;
}

function selfHosting(stage: Stage): task.TaskHistory {
  return reached(stage, openedTask(task.SELF_HOSTING_TASK));
}

function escalated(): task.TaskHistory {
  let history = openedTask();
  for (let time = 0; time < 4; time += 1) history = reached('testing', history).after(reject);
  return history;
}

describe('Approved', () => {
  const complete = () => {
    const judged = judgedIn('analysis');
    return judged.after(answers(judged));
  };

  test('is asked for once, when the analysis set is complete', () => {
    const judged = judgedIn('analysis');
    const outcome = judged.when(answers(judged)).thenTypes('GateEvaluated', 'GateCheckAnswered', 'ApprovalRequested');
    expect(outcome.events.at(-1)?.data).toEqual({ ...REF, stage: 'analysis', visit: 1 });
    outcome.history.when(answers(judged)).thenTypes('GateCheckAnswered');
  });

  test('is recorded with the person who gave it', () => {
    const outcome = complete().when(approve);
    expect(outcome.events.slice(0, 2)).toEqual([
      { type: 'ApprovalGiven', data: { ...REF, stage: 'analysis', visit: 1, by: PERSON } },
      {
        type: 'GateEvaluated',
        data: {
          stage: 'analysis',
          visit: 1,
          gate: 'check_analysis_approved',
          answer: 'passed',
          reason: 'approved via status',
          evidence: { by: PERSON },
        },
      },
    ]);
  });

  test('before the analyst has finished changes nothing and is answered with that', () => {
    openedTask()
      .when(approve)
      .then(ignored('ApproveTask', 'analysis', 'the analyst has not finished'));
  });

  test('while something of the set is missing changes nothing and names what is missing', () => {
    const judged = judgedIn('analysis');
    const readings = [task.reading('check_analysis_complete', 'absent', '02-trz.md is missing')];
    judged
      .after(answers(judged, {}, { readings }))
      .when(approve)
      .then(ignored('ApproveTask', 'analysis', '02-trz.md is missing'));
  });

  test('that came too early does not count later', () => {
    const early = openedTask().after(approve);
    const judged = early.after(task.finish(early));
    judged.when(answers(judged)).thenTypes('GateEvaluated', 'GateCheckAnswered', 'ApprovalRequested');
  });

  test('does not count for the set of an earlier round', () => {
    const again = complete().after(reject);
    again.when(approve).thenTypes('GestureIgnored');
  });

  test.each(LATER)('on %s neither advances, nor deploys, nor rolls back', (stage) => {
    const { data, type } = ignored('ApproveTask', stage, `nothing waits for an approval on ${stage}`);
    const note = stage === 'deploy' ? ({ note: 'approved-on-deploy-noop' } as const) : {};
    reached(stage)
      .when(approve)
      .then({ type, data: { ...data, ...note } });
  });
});

describe('Rejected', () => {
  test('on analysis lets the analyst run again with the comments [RB-12, UNK-05]', () => {
    const judged = judgedIn('analysis');
    const outcome = judged.after(answers(judged)).when(reject).thenTypes('WorkRequested');
    expect(outcome.events[0]?.data).toMatchObject({
      stage: 'analysis',
      visit: 1,
      round: 2,
      role: 'analyst',
      feedback: ['the map is upside down'],
    });
  });

  test('while the analyst is at work changes nothing', () => {
    openedTask()
      .when(reject)
      .then(ignored('RejectTask', 'analysis', 'the analyst is still at work'));
  });

  test.each(LATER)('on %s stops the work and goes back to development as a retry [RB-12, UNK-05, WHP-17]', (stage) => {
    const history = reached(stage);
    const outcome = history.when(reject);
    expect(outcome.events.slice(-2)).toMatchObject([
      { type: 'TaskSentBack', data: { from: stage, to: 'development', reason: `rejected by ${PERSON}`, retries: 1 } },
      { type: 'WorkRequested', data: { feedback: [`rejected by ${PERSON}`, 'the map is upside down'] } },
    ]);
  });

  test('takes exactly the work back that is under way', () => {
    const history = reached('review');
    const work = history.last('WorkRequested').position;
    expect(history.when(reject).events[0]).toEqual({
      type: 'WorkWithdrawn',
      data: { work, performer: 'agent', reason: `rejected by ${PERSON}` },
    });
  });

  test('on an escalated task changes nothing, because only In Progress starts it again', () => {
    const reason = 'it is escalated; In Progress starts it again';
    escalated()
      .when(reject)
      .then(ignored('RejectTask', 'development', reason));
  });

  test('before anything was done changes nothing', () => {
    const barely = given(taskDecider, { type: 'TaskOpened', data: task.AGENTS_TASK });
    barely.when(reject).then(ignored('RejectTask', 'created', 'nothing has been done yet'));
  });
});

describe('In Progress again', () => {
  test('starts an escalated task with a count of retries from 0', () => {
    const outcome = escalated().when(restart).thenTypes('TaskRestarted', 'WorkRequested');
    expect(open(outcome.history)).toMatchObject({ stage: 'development', escalated: false, retries: 0 });
    expect(outcome.history.last('WorkRequested').data.feedback).toEqual([`rejected by ${PERSON}`]);
  });

  test('starts the work of a stage again that failed, in the same visit and the next round', () => {
    const testing = reached('testing');
    const failed = testing.after(task.fail(testing, 'no agent'));
    const { visit } = open(failed);
    const outcome = failed.when(restart).thenTypes('TaskRestarted', 'WorkRequested');
    expect(outcome.events[0]?.data).toEqual({ ...REF, stage: 'testing', visit, by: PERSON });
    expect(outcome.events[1]?.data).toMatchObject({ stage: 'testing', visit, round: 2, feedback: ['no agent'] });
  });

  test('starts the work again when the gate is red, and says why it was', () => {
    const judged = judgedIn('review');
    const readings = [task.reading('check_reviewer_verdict', 'absent', '12-review.md has no verdict')];
    const outcome = judged.after(answers(judged, {}, { readings })).when(restart);
    outcome.thenTypes('TaskRestarted', 'WorkRequested');
    expect(outcome.events[1]?.data).toMatchObject({ round: 2, feedback: ['12-review.md has no verdict'] });
  });

  test('changes nothing while the work is under way', () => {
    openedTask()
      .when(restart)
      .then(ignored('RestartTask', 'analysis', 'its work is under way'));
  });

  test('changes nothing while the change is being merged', () => {
    reached('deploy')
      .when(restart)
      .then(ignored('RestartTask', 'deploy', 'its work is under way'));
  });

  test('is no substitute for Confirm Deploy', () => {
    const outcome = selfHosting('deploy').when(restart).thenTypes('GestureIgnored');
    expect(outcome.events[0]?.data).toMatchObject({ reason: 'it waits for Confirm Deploy' });
  });

  test('on a deploy that failed to start deploys what is merged, without merging it again', () => {
    const merging = reached('deploy');
    const deploying = merging.after(merged(merging));
    const outcome = deploying.after(task.fail(deploying)).when(restart).thenTypes('TaskRestarted', 'WorkRequested');
    expect(outcome.events[1]?.data).toMatchObject({ stage: 'deploy', round: 2 });
  });
});

import { describe, expect, test } from '@jest/globals';
import { RequestGateCheck, type GateReading } from '../../../src/domain/task/commands.js';
import type { GateAnswer, TaskUnblocked } from '../../../src/domain/task/events.js';
import type { Stage } from '../../../src/kernel/pipeline/stage.js';
import { wish } from '../../support/given.js';
import * as task from '../../support/lives/task-history.js';

const { answers, judgedIn, REF } = task;
const FACT = '2026-01-01T00:00:07.000Z';

/** Its gates were read and not green; then somebody looks again. */
function lookedAtAgain(stage: Stage, trigger: string, facts = task.AGENTS_TASK) {
  const judged = judgedIn(stage, task.openedTask(facts));
  const [first] = judged.last('GateCheckRequested').data.gates;
  if (!first) throw new Error(`${stage} has no gate`);
  return judged.after(answers(judged, { [first]: 'absent' })).after(wish(RequestGateCheck, { trigger, head: null }));
}

function ci(answer: GateAnswer): GateReading {
  return { gate: 'check_ci_green', answer, reason: `CI ${answer}`, evidence: { head: 'aaa111', changedAt: FACT } };
}

function unblocked(history: task.TaskHistory): readonly TaskUnblocked['data'][] {
  return history.events.flatMap((event) => (event.type === 'TaskUnblocked' ? [event.data] : []));
}

describe('An unblock', () => {
  test('is recorded once with the move, by the stage that the task stood in and what the forge had to tell (RC-16, RC-18)', () => {
    const looked = lookedAtAgain('development', 'reconciler');
    const outcome = looked.when(answers(looked, {}, { readings: [ci('passed')] }));
    outcome.thenTypes('GateEvaluated', 'GateCheckAnswered', 'TaskUnblocked', 'TaskAdvanced', 'WorkRequested');
    const { visit } = task.open(looked);
    const told = { ...REF, stage: 'development', visit, source: 'gitea', changedAt: FACT } as const;
    expect(unblocked(outcome.history)).toEqual([told]);
  });

  test('is none of the forge when only an artifact of the pipeline turned green', () => {
    const looked = lookedAtAgain('testing', 'reconciler');
    const [event] = unblocked(looked.after(answers(looked)));
    expect(event).toMatchObject({ stage: 'testing', source: null, changedAt: null });
  });

  test.each(['gitea: checks-changed', 'job-1 finished'])('is not recorded when "%s" made us look', (trigger) => {
    const looked = lookedAtAgain('development', trigger);
    const moved = looked.after(answers(looked, {}, { readings: [ci('passed')] }));
    expect(task.open(moved).stage).toBe('review');
    expect(unblocked(moved)).toEqual([]);
  });

  test.each(['absent', 'failed'] as const)('is not recorded when the gate turns out to be %s', (answer) => {
    const looked = lookedAtAgain('development', 'reconciler');
    expect(unblocked(looked.after(answers(looked, {}, { readings: [ci(answer)] })))).toEqual([]);
  });

  test('is not recorded when the branch of the task cannot be merged and it goes back (AMB-34)', () => {
    const unpublished = judgedIn('deploy-staging', withoutPullRequest());
    const absent = unpublished.after(answers(unpublished, { check_staging_status: 'absent' })).after(task.lookAgain);
    const back = absent.after(answers(absent));
    expect(task.open(back).stage).toBe('development');
    expect(unblocked(back)).toEqual([]);
  });

  test('on deploy-staging of a project that asks leads to the request to confirm, as any green answer does (UNK-43)', () => {
    const looked = lookedAtAgain('deploy-staging', 'reconciler', task.SELF_HOSTING_TASK);
    const moved = looked.after(answers(looked));
    expect(unblocked(moved)).toHaveLength(1);
    expect(task.open(moved)).toMatchObject({ stage: 'deploy', step: { kind: 'awaiting-confirmation' } });
    expect(moved.events.filter(({ type }) => type === 'DeployConfirmed')).toEqual([]);
  });

  test('of a deploy that has its verdict completes the task (AMB-34)', () => {
    const looked = lookedAtAgain('deploy', 'reconciler', task.SELF_HOSTING_TASK);
    const moved = looked.after(answers(looked));
    expect(moved.state).toMatchObject({ status: 'closed', stage: 'done' });
    expect(unblocked(moved)).toMatchObject([{ stage: 'deploy' }]);
  });

  test('says how old the newest of what it read is, and no look says it for a gate that was red', () => {
    const looked = lookedAtAgain('development', 'gitea: checks-changed');
    const moved = looked.after(answers(looked, {}, { readings: [ci('passed')] }));
    const { trigger, changedAt, green } = moved.last('GateCheckAnswered').data;
    expect({ trigger, changedAt, green }).toEqual({ trigger: 'gitea: checks-changed', changedAt: FACT, green: true });
  });
});

/** Nobody opened a pull request for what this task published. */
function withoutPullRequest(): task.TaskHistory {
  let history = task.openedTask();
  while (task.open(history).stage !== 'deploy-staging') {
    const isWorking = task.open(history).step.kind === 'working';
    history = history.after(isWorking ? task.finish(history, { pullRequest: null }) : task.nextStep(history));
  }
  return history.after(task.finish(history, { pullRequest: null }));
}

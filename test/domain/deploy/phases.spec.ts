import { describe, expect, test } from '@jest/globals';
import type { DeployEvent } from '../../../src/domain/deploy/events.js';
import { ReportWorkFinished } from '../../../src/domain/task/commands.js';
import { taskDecider } from '../../../src/domain/task/decide.js';
import { EFFECT_INTENTS, isEffectIntent, settles } from '../../../src/kernel/pipeline/effect-intents.js';
import { pipelineSaga } from '../../../src/sagas/pipeline.js';
import { commandsOf } from '../../../src/sagas/saga.js';
import { History, record } from '../../support/given.js';
import * as task from '../../support/lives/task-history.js';
import { DEFAULT_POLICY } from '../../support/policy.js';

const { asked, confirm, merged, open, openedTask, reached } = task;

function confirmed(): task.TaskHistory {
  const entered = reached('deploy', openedTask(task.SELF_HOSTING_TASK));
  return entered.after(asked(entered)).after(confirm);
}

/** The log alone is what a new process has: no marker file, no memory. */
function asAfterARestart(history: task.TaskHistory): task.TaskHistory {
  const facts = history.events.map(({ type, data }) => ({ type, data })) as (typeof history.events)[number][];
  return History.begin(taskDecider, history.policy).and(...facts);
}

function reactions(event: DeployEvent, stream = 'deploy-12') {
  return record([event]).flatMap((recorded) => commandsOf(pipelineSaga, { ...recorded, stream }, DEFAULT_POLICY));
}

const COMMIT = { head: 'bbb222', codeTree: 'tree-1' };
const ARTIFACTS = [{ path: 'docs/work-items/ORCH-059/14-deploy-log.md', digest: 'd' }];

describe('The phases of a production deploy', () => {
  test('given a restart between any two of them, none is forgotten and none is begun twice [DEP-10, DEP-11, DEP-12]', () => {
    const merging = confirmed();
    const running = merging.after(merged(merging));
    for (const history of [merging, running, running.after(task.finish(running))]) {
      const restarted = asAfterARestart(history);
      expect(restarted.state).toEqual(history.state);
      const again = restarted.when(confirm).thenTypes('GestureIgnored');
      expect(again.events[0]?.data).toMatchObject({ note: 'self-deploy-already-initiated' });
    }
  });

  test('given that the hook was asked for, when the orchestrator dies, it stays asked for until the verdict [DEP-28]', () => {
    const { outcomes } = EFFECT_INTENTS['DeployRequested'] ?? { outcomes: [] };
    expect(outcomes).toEqual(['DeployFinished', 'DeployStartFailed']);
    expect(settles('DeployRequested', 'DeployStarted')).toBe(false);
    expect(isEffectIntent({ type: 'DeployFinished', data: { action: 'deploy' } })).toBe(true);
  });

  test('given a verdict on the branch, when it is told to the task, that is the report of any finished work [DEP-27, DEP-22]', () => {
    const where = { deployId: 12, taskId: 42, stage: 'deploy', visit: 7, round: 1 } as const;
    const told = reactions({ type: 'DeployLogPublished', data: { ...where, commit: COMMIT, artifacts: ARTIFACTS } });
    expect(told).toHaveLength(1);
    expect(told[0]).toBeInstanceOf(ReportWorkFinished);
    expect(told[0]).toMatchObject({ stream: 'task-42', payload: { by: 'deploy-12', visit: 7, artifacts: ARTIFACTS } });
  });

  test.each([
    ['passed', 'TaskAdvanced', 'done'],
    ['failed', 'TaskSentBack', 'development'],
  ] as const)(
    'given the verdict %s, when its gate is read, then the task moves once: %s to %s [DEP-27, RB-03, RB-04]',
    (answer, type, to) => {
      const merging = confirmed();
      const running = merging.after(merged(merging));
      const judged = running.after(task.finish(running));
      const outcome = judged.when(task.answers(judged, { check_deploy_status: answer }));
      const moves = outcome.events.filter((event) => 'to' in event.data && 'visit' in event.data);
      expect(moves).toMatchObject([{ type, data: { from: 'deploy', to } }]);
      outcome.history.when(task.answers(judged, { check_deploy_status: answer })).thenTypes('GateCheckAnswered');
    },
  );

  test('given no verdict, when the gate is read, nothing moves and nobody develops [RB-08]', () => {
    const merging = confirmed();
    const running = merging.after(merged(merging));
    const judged = running.after(task.finish(running));
    const outcome = judged.when(task.answers(judged, { check_deploy_status: 'absent' }));
    outcome.thenTypes('GateEvaluated', 'GateCheckAnswered');
    expect(open(outcome.history)).toMatchObject({ stage: 'deploy', retries: 0 });
  });
});

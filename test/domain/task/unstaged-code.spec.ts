import { describe, expect, test } from '@jest/globals';
import * as task from '../../support/lives/task-history.js';

const { asked, confirm, merged, open, openedTask, reached, reject } = task;
const OTHER = { head: 'nnn888', codeTree: 'tree-2' };

function selfHosting(stage: 'deploy' | 'deploy-staging'): task.TaskHistory {
  return reached(stage, openedTask(task.SELF_HOSTING_TASK));
}

/** A person confirmed, and the change is being merged. */
function confirmed(): task.TaskHistory {
  const entered = selfHosting('deploy');
  return entered.after(asked(entered)).after(confirm);
}

function landedUnstaged(): task.TaskHistory {
  const merging = confirmed();
  return merging.after(merged(merging, OTHER));
}

describe('Code that was never staged', () => {
  test('is not deployed although it is merged: it is staged as it stands on the default branch [AMB-31]', () => {
    const merging = confirmed();
    const outcome = merging.when(merged(merging, OTHER));
    outcome.thenTypes('ChangeMerged', 'MergedCodeDiffered', 'TaskSentBack', 'WorkRequested');
    expect(outcome.events[1]?.data).toMatchObject({ staged: task.HEAD, merged: OTHER });
    expect(outcome.events[2]?.data).toMatchObject({ to: 'deploy-staging', retries: 0 });
    expect(outcome.events[3]?.data).toMatchObject({ performer: 'staging-hook', revision: OTHER });
  });

  test('once staged is confirmed again and deployed without another merge', () => {
    const entered = reached('deploy', landedUnstaged());
    expect(entered.last('ConfirmationRequested').data).toMatchObject({ commit: OTHER, stagedTree: 'tree-2' });
    const outcome = entered.after(asked(entered)).when(confirm).thenTypes('DeployConfirmed', 'WorkRequested');
    expect(outcome.events[1]?.data).toMatchObject({ performer: 'production-hook', revision: OTHER });
  });

  test('is judged fresh by what staging is to run, not by the branch', () => {
    const staging = landedUnstaged();
    expect(staging.after(task.finish(staging)).last('GateCheckRequested').data.landed).toEqual(OTHER);
  });

  test('pushed to the branch while staging ran is staged before anybody is asked', () => {
    const staging = selfHosting('deploy-staging');
    const pushed = { head: 'ppp777', codeTree: 'tree-3' };
    const judged = staging.after(task.finish(staging, { commit: pushed }));
    const outcome = judged.when(task.answers(judged));
    expect(outcome.events.at(-1)).toMatchObject({ type: 'WorkRequested', data: { revision: pushed, round: 2 } });
    expect(outcome.events.map(({ type }) => type)).not.toContain('TaskAdvanced');
  });

  test('keeps nothing of it after new development', () => {
    const back = landedUnstaged().after(reject);
    expect(open(back).landed).toBeNull();
  });
});

describe('The way to production that is held', () => {
  const hold = (history: task.TaskHistory, reason = 'orchestrator is frozen') => task.heldBy(history, reason);

  test('is on record once per reason', () => {
    const merging = confirmed();
    const outcome = merging.when(hold(merging)).thenTypes('ProductionHeld');
    outcome.thenNothingMore();
    outcome.history.when(hold(merging, 'paused')).thenTypes('ProductionHeld');
  });

  test('is not on record of a task that has gone on', () => {
    const merging = confirmed();
    merging.after(reject).when(hold(merging)).thenNothing();
  });
});

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { PauseTask, ResumeTask } from '../../../src/domain/admission/commands.js';
import { ReconciledYard } from '../../support/lives/reconciled-yard.js';
import { seed } from '../../support/seed.js';
import { temporaryFolders } from '../../support/temporary-folder.js';

const HOUR = 3600;
let one: ReconciledYard;

beforeEach(async () => {
  one = await ReconciledYard.open(await folder());
});
afterEach(() => one.close());
const folder = temporaryFolders();

describe('who is left alone', () => {
  test.each(['Blocked', 'Needs Input'])(
    'a task whose item is %s in the tracker (RC-24, SC-24, PS-13)',
    async (status) => {
      const { work_item_id: workItem, plane_id } = await one.taskIn('development');
      one.gates.turn('development', 'passed');
      await one.person().setStatus(plane_id, status);
      one.forward(HOUR);
      await one.tick();
      expect(await one.events('TaskUnblocked', workItem)).toEqual([]);
      (one.policy.reconcile as { skipBlockedEnabled: boolean }).skipBlockedEnabled = false;
      await one.tick();
      await one.happens('TaskUnblocked', () => true, workItem);
    },
  );

  test('but not because the tracker cannot be asked (AMB-44)', async () => {
    const { work_item_id: workItem, plane_id } = await one.taskIn('development');
    one.gates.turn('development', 'passed');
    await one.person().setStatus(plane_id, 'Blocked');
    one.desk.faults.down(true);
    one.forward(HOUR);
    await one.tick();
    await one.happens('TaskUnblocked', () => true, workItem);
  });

  test('a task that is escalated, until a person starts it again (RC-23)', async () => {
    const { id, work_item_id: workItem, visit } = await one.taskIn('development');
    const fact = { taskId: id, workItem, repo: 'enduro-trails', stage: 'development', reason: 'no more', retries: 4 };
    await seed(one.log, { stream: `task-${id}`, type: 'TaskEscalated', data: fact, workItem });
    one.gates.turn('development', 'passed');
    one.forward(HOUR);
    await one.caughtUp();
    await one.tick();
    expect(one.gates.asked).toEqual([]);
    expect(await one.task(workItem)).toMatchObject({ visit, escalated: 1 });
  });

  test('a task that is paused (AMB-22)', async () => {
    const { id: taskId, work_item_id: workItem, repo } = await one.taskIn('development');
    await one.send(PauseTask, `admission-${repo}`, { repo, taskId, workItem });
    one.gates.turn('development', 'passed');
    one.forward(HOUR);
    await one.caughtUp();
    await one.tick();
    expect(one.gates.asked).toEqual([]);
    await one.send(ResumeTask, `admission-${repo}`, { repo, taskId, workItem });
    await one.caughtUp();
    await one.tick();
    await one.happens('TaskUnblocked', () => true, workItem);
  });

  test('a task that waits for a person to confirm production: no tick starts it (RC-25, RC-14, INV-24, UNK-43)', async () => {
    const { work_item_id: workItem } = await one.taskIn('deploy-staging', 'orchestrator');
    one.gates.turn('deploy-staging', 'passed');
    one.forward(HOUR);
    await one.tick();
    await one.happens('ConfirmationRequested', () => true, workItem);
    await one.caughtUp();
    for (let tick = 1; tick <= 3; tick += 1) {
      one.forward(HOUR);
      await one.tick();
    }
    expect((await one.task(workItem)).stage).toBe('deploy');
    expect(await one.events('DeployConfirmed', workItem)).toEqual([]);
    expect(await one.events('MergeRequested', workItem)).toEqual([]);
  });
});

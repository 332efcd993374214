import { afterEach, describe, expect, test } from '@jest/globals';
import { complete } from '../../../src/config/projects.js';
import { ReportMerged } from '../../../src/domain/task/commands.js';
import type { MergeRequested } from '../../../src/domain/task/events.js';
import type { TaskRow } from '../../../src/projections/task/tasks.js';
import { ReconciledYard } from '../../support/lives/reconciled-yard.js';
import { AGENT_PROJECT, SELF_HOSTING_PROJECT } from '../../support/policy.js';
import { temporaryFolders } from '../../support/temporary-folder.js';

const { repo } = SELF_HOSTING_PROJECT;
let yard: ReconciledYard;

afterEach(() => yard.close());
const folder = temporaryFolders();

/** The self-hosting project of an installation where nobody has to approve production. */
async function withoutManualApproval(): Promise<TaskRow> {
  const target = { command: './deploy.sh' };
  const entry = { ...SELF_HOSTING_PROJECT, testCommand: 'true', staging: target, production: target };
  const { production } = complete(entry, { gitea: null, selfHostingRepo: repo, requireManualApprove: false });
  const project = { ...SELF_HOSTING_PROJECT, confirm: production.confirm };
  yard = await ReconciledYard.open(await folder(), { graceDefaultS: 0 }, [AGENT_PROJECT, project]);
  const staged = await yard.taskIn('deploy-staging', repo);
  yard.gates.turn('deploy-staging', 'passed');
  yard.gates.turn('deploy', 'absent');
  await yard.tick();
  return yard.taskWhen(staged.work_item_id, ({ stage }) => stage === 'deploy');
}

async function isMerged(task: TaskRow): Promise<TaskRow> {
  const [merge] = await yard.events('MergeRequested');
  const { visit, pullRequest } = merge?.data as MergeRequested['data'];
  const commit = { head: 'merged', codeTree: '7ree' };
  await yard.send(ReportMerged, `task-${task.id}`, { visit, pullRequest, commit });
  await yard.happens('DeployRequested', ({ data }) => 'environment' in data && data.environment === 'production');
  return yard.task(task.work_item_id);
}

describe('a self-hosting task on deploy', () => {
  test('goes straight on where nobody has to approve, and without a verdict no look of anybody reads its gate [AMB-27, DEP-20, RB-08]', async () => {
    const task = await withoutManualApproval();
    await yard.happens('MergeRequested');
    expect(await yard.events('ConfirmationRequested')).toEqual([]);
    yard.gates.asked = [];
    yard.gates.turn('deploy', 'failed');
    for (const merged of [false, true]) {
      if (merged) await isMerged(task);
      await yard.lookAgain(task.work_item_id);
      await yard.person(repo).setStatus(task.plane_id, merged ? 'Approved' : 'Confirm Deploy');
      await yard.tick();
      await yard.happens('GestureIgnored', ({ data }) => 'stage' in data && data.stage === 'deploy');
    }
    expect(yard.gates.asked).toEqual([]);
    expect(await yard.task(task.work_item_id)).toMatchObject({ stage: 'deploy', developer_retries: 0 });
  });

  test('that has its verdict and stands still is completed by the reconciler, and told of once [AMB-34, DEP-21]', async () => {
    const deploying = await isMerged(await withoutManualApproval());
    const { work_item_id: workItem, visit } = deploying;
    await yard.finish(deploying);
    await yard.happens('GateCheckAnswered', ({ data }) => 'visit' in data && data.visit === visit, workItem);
    for (let tick = 1; tick <= 2; tick += 1) await yard.tick();
    expect((await yard.task(workItem)).stage).toBe('deploy');
    expect(await yard.events('TaskUnblocked', workItem)).toHaveLength(1);
    yard.gates.turn('deploy', 'passed');
    for (let tick = 1; tick <= 3; tick += 1) await yard.tick();
    await yard.taskWhen(workItem, ({ stage }) => stage === 'done');
    const told = await yard.events('TaskUnblocked', workItem);
    expect(told.map(({ data }) => 'stage' in data && data.stage)).toEqual(['deploy-staging', 'deploy']);
  });
});

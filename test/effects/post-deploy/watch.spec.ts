import { afterEach, describe, expect, test } from '@jest/globals';
import { UnfreezeRepo } from '../../../src/domain/admission/commands.js';
import { ReportDeployEnded, ReportDeployStartFailed } from '../../../src/domain/deploy/commands.js';
import type { Policy } from '../../../src/kernel/pipeline/policy.js';
import { OURS, SHOP, watchedPolicy } from '../../support/lives/watch-history.js';
import { temporaryFolders } from '../../support/temporary-folder.js';
import { WatchWorld } from './watch-world.js';

const folder = temporaryFolders();
let world: WatchWorld;

async function open(policy: Policy = watchedPolicy()): Promise<WatchWorld> {
  world = await WatchWorld.open(policy, await folder());
  return world;
}

afterEach(() => world.close());

async function freezeOf(repo = SHOP.repo) {
  const { frozen, frozen_reason, freeze_causes } = (await world.queue()).serial_gate.per_repo[repo] ?? {};
  return { frozen, frozen_reason, by: freeze_causes?.[0]?.actor, workItem: freeze_causes?.[0]?.work_item_id };
}

/** The revision `aaa` was seen healthy for a whole window, and `bbb` went bad at once. */
async function goodThenBad(): Promise<void> {
  await world.deployed('ET-001', 'aaa');
  await world.checks(10);
  world.status = 503;
  await world.deployed('ET-002', 'bbb');
  await world.checks(3);
}

describe('After a deploy', () => {
  test('production is asked by real requests until the end of the window, and is HEALTHY [PD-01, PD-04, PD-05, PD-03]', async () => {
    await open();
    await world.deployed('ET-001', 'aaa');
    await world.after(9);
    expect(world.asked).toBe(0);
    await world.after(1);
    expect((await world.queue()).post_deploy).toMatchObject({
      enabled: true,
      active: [
        {
          work_item_id: 'ET-001',
          repo: SHOP.repo,
          checks_total: 1,
          checks_failed: 0,
          checks_planned: 10,
          is_rollback: false,
        },
      ],
      last: null,
    });
    await world.checks(9);
    expect(world.asked).toBe(10);
    expect((await world.queue()).post_deploy).toMatchObject({
      active: [],
      last: { work_item_id: 'ET-001', status: 'HEALTHY', action: 'NONE', checks_total: 10 },
    });
    expect(await freezeOf()).toMatchObject({ frozen: false });
    expect(await world.chat()).toEqual([]);
    await world.checks(3);
    expect(world.asked).toBe(10);
  });

  test('a production that goes bad freezes its repository, with the work item, and people are told [PD-11, SG-37, SG-26, TG-14]', async () => {
    await open(watchedPolicy({ autoRollback: false }));
    await goodThenBad();
    const { deployId } = (await world.last('WatchEnded')).data as { deployId: number };
    expect(await freezeOf()).toEqual({
      frozen: true,
      frozen_reason: expect.stringMatching(
        new RegExp(`^DEGRADED after deploy ${deployId} of ET-002: 3 failed checks in a row, .*HTTP 503`),
      ),
      by: 'policy:post-deploy',
      workItem: 'ET-002',
    });
    const [frozen, ended] = [await world.last('RepoFrozen'), await world.last('WatchEnded')];
    expect(frozen.metadata.$causationId).toBe(ended.id);
    expect(await world.chat()).toEqual(['post-deploy-degraded']);
    world.status = 200;
    await world.deployed('ET-003', 'ccc');
    await world.checks(10);
    expect(await freezeOf()).toMatchObject({ frozen: true });
    await world.send(UnfreezeRepo, `admission-${SHOP.repo}`, { repo: SHOP.repo });
    expect(await freezeOf()).toMatchObject({ frozen: false });
  });

  test('a freeze that cannot be set loses no verdict [PD-12]', async () => {
    const policy = watchedPolicy({ autoRollback: false });
    await open({ ...policy, serialGate: { ...policy.serialGate, freezeEnabled: false } });
    await goodThenBad();
    expect((await world.queue()).post_deploy.last).toMatchObject({ work_item_id: 'ET-002', status: 'DEGRADED' });
    expect(await world.events('RepoFrozen')).toEqual([]);
    expect(await world.chat()).toEqual(['post-deploy-degraded']);
  });

  test('a watch that the next deploy overtakes alarms nobody: the item is told, the chat is not', async () => {
    await open();
    await world.deployed('ET-001', 'aaa');
    await world.checks(4);
    await world.deployed('ET-002', 'bbb');
    expect((await world.queue()).post_deploy).toMatchObject({
      active: [{ work_item_id: 'ET-002' }],
      last: { work_item_id: 'ET-001', status: 'INCONCLUSIVE', checks_total: 4 },
    });
    expect((await world.last('NotificationRequested')).data).toMatchObject({ message: 'post-deploy-overtaken' });
    expect(await world.chat()).toEqual([]);
  });

  test('the second DEGRADED in a row pages, in other words than the first', async () => {
    await open(watchedPolicy({ autoRollback: false }));
    await goodThenBad();
    await world.deployed('ET-003', 'ccc');
    await world.checks(3);
    expect(await world.chat()).toEqual(['post-deploy-degraded', 'post-deploy-degraded-again']);
    expect((await world.queue()).serial_gate.per_repo[SHOP.repo]?.freeze_causes).toHaveLength(2);
  });
});

describe('A restart in the middle', () => {
  test('keeps the schedule: what was missed is said, and not made up [PD-14]', async () => {
    await open();
    await world.deployed('ET-001', 'aaa');
    await world.checks(4);
    world.restart();
    await world.after(34);
    await world.checks(2, 15);
    expect((await world.queue()).post_deploy.last).toMatchObject({
      ...{ status: 'HEALTHY', checks_total: 7, checks_missed: 3 },
      reason: '7 of 10 checks measured, 0 failed (3 missed while nobody watched)',
    });
    expect(world.asked).toBe(7);
  });

  test('longer than the window leaves no data, which is not HEALTHY, and people are told', async () => {
    await open();
    await world.deployed('ET-001', 'aaa');
    world.restart();
    await world.after(3600);
    expect((await world.queue()).post_deploy.last).toMatchObject({
      status: 'INCONCLUSIVE',
      action: 'NONE',
      checks_missed: 10,
    });
    expect(world.asked).toBe(0);
    expect(await world.chat()).toEqual(['post-deploy-inconclusive']);
    expect(await freezeOf()).toMatchObject({ frozen: false });
  });

  test('does not forget a row of failures', async () => {
    await open();
    world.status = 500;
    await world.deployed('ET-001', 'aaa');
    await world.checks(2);
    world.restart();
    await world.after(10);
    expect((await world.queue()).post_deploy.last).toMatchObject({ status: 'DEGRADED', checks_failed: 3 });
  });
});

describe('What cannot be measured', () => {
  test('is no failure of production: nothing is frozen, and nobody calls it healthy', async () => {
    await open();
    await world.deployed('ET-001', 'aaa');
    world.restart('http://no-such-host.invalid/health');
    await world.checks(10);
    expect((await world.queue()).post_deploy.last).toMatchObject({
      ...{ status: 'INCONCLUSIVE', checks_total: 10, checks_failed: 0, checks_unmeasured: 10 },
    });
    expect(await freezeOf()).toMatchObject({ frozen: false });
  });

  test('includes an address that is no longer in the project file', async () => {
    await open();
    await world.deployed('ET-001', 'aaa');
    world.restart(null);
    await world.after(10);
    expect((await world.last('ProductionProbed')).data).toMatchObject({ answer: 'unmeasured', missed: 0 });
  });
});

describe('A rollback', () => {
  test('is one more deploy, of the revision that was seen healthy, and is watched [RB-13]', async () => {
    await open();
    await goodThenBad();
    const order = await world.last('RollbackOrdered');
    const deploy = await world.last('DeployRequested');
    expect(deploy).toMatchObject({ stream: `deploy-${order.position}`, metadata: { $causationId: order.id } });
    expect(deploy.data).toMatchObject({
      ...{ environment: 'production', action: 'rollback', workItem: 'ET-002' },
      ...{ revision: { head: 'aaa' }, previousRevision: { head: 'aaa' } },
    });
    world.status = 200;
    const ended = { exitCode: 0, checks: [], stoppedBecause: null, endedAt: 'later' };
    await world.send(ReportDeployEnded, deploy.stream, ended);
    await world.checks(10);
    expect((await world.queue()).post_deploy.last).toMatchObject({ deploy_id: order.position, status: 'HEALTHY' });
    expect(await freezeOf()).toMatchObject({ frozen: true });
    expect(await world.chat()).toEqual(['post-deploy-degraded', 'post-deploy-rollback']);
  });

  test('that does not help is not repeated: two in a row freeze and page', async () => {
    await open();
    await goodThenBad();
    const ended = { exitCode: 0, checks: [], stoppedBecause: null, endedAt: 'later' };
    await world.send(ReportDeployEnded, (await world.last('DeployRequested')).stream, ended);
    await world.checks(3);
    expect((await world.last('WatchEnded')).data).toMatchObject({ status: 'DEGRADED', action: 'ALERT_ONLY' });
    expect(await world.events('RollbackOrdered')).toHaveLength(1);
    expect(await world.chat()).toEqual(['post-deploy-degraded', 'post-deploy-rollback', 'post-deploy-degraded-again']);
  });

  test('that cannot even start is for people', async () => {
    await open();
    await goodThenBad();
    const refused = { reason: 'no such shell' };
    await world.send(ReportDeployStartFailed, (await world.last('DeployRequested')).stream, refused);
    expect((await world.last('RollbackFailed')).data).toMatchObject({ workItem: 'ET-002', reason: 'no such shell' });
    expect((await world.chat()).at(-1)).toBe('post-deploy-rollback-failed');
    expect(await world.events('WatchArmed')).toHaveLength(2);
  });

  test('never happens to our own production, which is only told of [PD-07, SC-19]', async () => {
    const policy = watchedPolicy();
    await open({ ...policy, deploy: { ...policy.deploy, selfHostingRepo: SHOP.repo }, projects: [SHOP, OURS] });
    await goodThenBad();
    expect((await world.queue()).post_deploy.last).toMatchObject({ status: 'DEGRADED', action: 'ALERT_ONLY' });
    expect(await world.events('RollbackOrdered')).toEqual([]);
    expect(await freezeOf()).toMatchObject({ frozen: true });
  });
});

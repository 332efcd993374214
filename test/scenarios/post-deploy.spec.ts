import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { WorkItem } from '../support/running/work-item.js';
import { World } from '../support/running/world.js';
import { temporaryFolders } from '../support/temporary-folder.js';
import { until } from '../support/until.js';

const SCENARIO_MS_MAX = 180_000;
let world: World;

beforeAll(async () => {
  world = await World.start(await folder(), {
    ...{ ORCH_POST_DEPLOY_WINDOW_S: '6', ORCH_POST_DEPLOY_INTERVAL_S: '0.3', ORCH_POST_DEPLOY_AUTO_ROLLBACK: 'true' },
  });
}, SCENARIO_MS_MAX);
afterAll(() => world.end(), SCENARIO_MS_MAX);
const folder = temporaryFolders();

async function doneItem(title: string): Promise<WorkItem> {
  const item = await world.startItem(title);
  await item.isApproved();
  await item.reaches('done');
  return item;
}

/** What stands in production's own file. */
async function live(): Promise<string> {
  const { environmentsDir, repo } = world.sandbox.coordinates;
  return (await readFile(join(environmentsDir, repo, 'production', 'REVISION'), 'utf8')).trim();
}

function makeSick(isSick: boolean): Promise<void> {
  return world.sandbox.makeSick(world.sandbox.coordinates.repo, 'production', isSick);
}

/** The frontmatter of the log on the branch that was kept. */
async function logOf(item: WorkItem): Promise<object> {
  const { branch } = await item.task('branch');
  const text = await world.git('show', `${branch}:docs/work-items/${item.name}/16-post-deploy-log.md`);
  return parse(/^---\n([\s\S]*?)\n---\n/.exec(text)?.[1] ?? '') as object;
}

async function reasonsOf({ name }: WorkItem): Promise<readonly object[]> {
  const answer = await fetch(`${world.service.url}/tasks/${name}/why`);
  return answer.ok ? ((await answer.json()) as { reasons: object[] }).reasons : [];
}

async function queue() {
  return (await (await fetch(`${world.service.url}/queue`)).json()) as {
    readonly post_deploy: object;
    readonly serial_gate: {
      readonly per_repo: Readonly<Record<string, { readonly frozen: boolean; readonly waiting: readonly object[] }>>;
    };
  };
}

describe('a service that may roll back', () => {
  let good: WorkItem;
  let bad: WorkItem;

  test(
    'sees production healthy for a whole window, and writes it down [PD-01, PD-05, PD-09]',
    async () => {
      good = await doneItem('Free delivery above 50 euros');
      const { data } = await good.happens('WatchEnded');
      expect(data).toMatchObject({ status: 'HEALTHY', action: 'NONE', schedule: { checks: 20 } });
      expect(data.checks.total + data.checks.missed).toBe(20);
      await good.happens('WatchLogPublished');
      expect(await logOf(good)).toMatchObject({
        ...{ post_deploy_status: 'HEALTHY', action_taken: 'NONE', work_item: good.name, window_s: 6 },
        ...{ checks_total: data.checks.total, checks_failed: 0, revision: await live() },
      });
      expect((await good.comments()).at(-1)).toContain('stayed healthy');
    },
    SCENARIO_MS_MAX,
  );

  test(
    'freezes a repository whose production goes bad, and brings back what was healthy, by the real command [PD-11, RB-13]',
    async () => {
      const healthy = await live();
      bad = await world.startItem('Ten percent off for first orders');
      await bad.isApproved();
      await bad.happens('DeployRequested', ({ environment }) => environment === 'production');
      await makeSick(true);
      const { data: ended } = await bad.happens('WatchEnded', ({ rollbackOf }) => rollbackOf === null);
      expect(ended).toMatchObject({ status: 'DEGRADED', action: 'ROLLBACK', revision: { head: expect.any(String) } });
      expect(ended.revision.head).not.toBe(healthy);
      await bad.happens('DeployFinished', ({ action }) => action === 'rollback');
      expect(await live()).toBe(healthy);
      await makeSick(false);
    },
    SCENARIO_MS_MAX,
  );

  test(
    'watches what was brought back, and a kill in the middle costs it checks but no verdict [PD-14]',
    async () => {
      await bad.happens('WatchArmed', ({ rollbackOf }) => rollbackOf !== null);
      await world.kill();
      await world.restart();
      const { data } = await bad.happens('WatchEnded', ({ rollbackOf }) => rollbackOf !== null);
      // How many checks a start takes is the machine's affair; what it missed is said.
      expect(data).toMatchObject({ status: expect.stringMatching(/HEALTHY|INCONCLUSIVE/), action: 'NONE' });
      expect(data.checks.total + data.checks.missed).toBe(20);
      await bad.happensTimes('WatchLogPublished', 2);
      expect(await logOf(bad)).toMatchObject({
        ...{ post_deploy_status: 'DEGRADED', action_taken: 'ROLLBACK', checks_failed: 3 },
        rollback: { post_deploy_status: data.status, revision: await live() },
      });
      const { deploys, watches } = await bad.task('deploys { environment action } watches { action isRollback }');
      expect(deploys.at(-1)).toEqual({ environment: 'production', action: 'rollback' });
      expect(watches).toEqual([
        { action: 'ROLLBACK', isRollback: false },
        { action: 'NONE', isRollback: true },
      ]);
    },
    SCENARIO_MS_MAX,
  );

  test(
    'lets the next item wait with the freeze as its reason until a person lifts it [SC-20]',
    async () => {
      const next = await world.startItem('Round prices to five cents');
      const repo = world.sandbox.coordinates.repo;
      let reasons: readonly object[] = [];
      const isHeld = async () => (reasons = await reasonsOf(next)).length > 0;
      await until(isHeld, 'the next item waits', SCENARIO_MS_MAX);
      expect(reasons).toEqual([
        expect.objectContaining({
          ...{ code: 'freeze', ref: repo, actor: 'policy:post-deploy' },
          clearsWhen: expect.stringMatching(new RegExp(`DEGRADED after deploy \\d+ of ${bad.name}: .*HTTP 503`)),
        }),
      ]);
      const { frozen, waiting } = (await queue()).serial_gate.per_repo[repo] ?? { frozen: false, waiting: [] };
      expect([frozen, waiting]).toEqual([
        true,
        [expect.objectContaining({ work_item_id: next.name, reason: 'freeze' })],
      ]);
      await fetch(`${world.service.url}/serial-gate/unfreeze?repo=${repo}`, { method: 'POST' });
      await next.happens('JobClaimed');
    },
    SCENARIO_MS_MAX,
  );

  test('tells the last verdict in the queue and in the metrics [PD-10]', async () => {
    expect((await queue()).post_deploy).toMatchObject({
      ...{ enabled: true, active: [] },
      last: { work_item_id: bad.name, status: expect.any(String), action: 'NONE', ended_at: expect.any(String) },
    });
    const metrics = await (await fetch(`${world.service.url}/metrics`)).text();
    expect(metrics).toMatch(/^orchestrator_post_deploy_verdicts_total\{status="\w+",action="NONE"\} 1$/m);
  });
});

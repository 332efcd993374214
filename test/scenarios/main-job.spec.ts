import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { WorkItem } from '../support/running/work-item.js';
import { World } from '../support/running/world.js';
import { temporaryFolders } from '../support/temporary-folder.js';

const START_MS_MAX = 180_000;
const folder = temporaryFolders();

describe('a work item that nobody objects to', () => {
  let world: World;
  let item: WorkItem;
  let branch: string;

  beforeAll(async () => {
    world = await World.start(await folder(), {}, { ciCommand: [process.execPath, '--test'] });
    item = await world.startItem('Take a discount off for first orders', 'New customers get a promotion.');
    await item.isApproved();
    await item.reaches('done');
    await item.happens('WorktreeRemoved');
    await item.happens('NotificationDelivered', ({ text }) => text === 'Done', 'the item is moved to Done');
    await item.happens('NotificationDelivered', ({ text }) => text.includes('done.'), 'the end is told under the item');
    await item.happens('NotificationDelivered', ({ text }) => text.includes('production deploy'), 'the deploy is told');
    branch = (await item.task('branch')).branch;
  }, START_MS_MAX);
  afterAll(() => world.end(), START_MS_MAX);

  const artifact = (name: string, from = branch) => world.git('show', `${from}:docs/work-items/${item.name}/${name}`);
  const frontmatter = async (name: string) => parse((await artifact(name)).split('---\n')[1] ?? '');

  test('goes through every stage once', async () => {
    const stages = ['analysis', 'architecture', 'development', 'review', 'testing', 'deploy-staging', 'deploy', 'done'];
    expect(await item.course()).toEqual(stages);
    expect(await item.task('stage developerRetries escalated failure')).toEqual({
      ...{ stage: 'done', developerRetries: 0, escalated: false, failure: null },
    });
  });

  test('has one pull request and one merge', async () => {
    const pulls = await world.pullRequests();
    expect(pulls.map(({ merged, head }) => ({ merged, ref: head.ref }))).toEqual([{ merged: true, ref: branch }]);
    expect(await item.events('ChangeMerged')).toHaveLength(1);
    expect((await world.git('rev-list', '--merges', 'main')).split('\n')).toHaveLength(1);
  });

  test('brings its change and its test to the default branch', async () => {
    const name = item.name.toLowerCase();
    expect(await world.git('show', `main:src/promotions/${name}.js`)).toContain('Take a discount off for first orders');
    expect(await world.git('show', `main:test/promotions/${name}.test.js`)).toContain('node:test');
  });

  test('leaves the documents of every stage on its branch', async () => {
    for (const name of ['01-brd.md', '02-trz.md', '03-acceptance-criteria.md', '04-test-plan.yaml']) {
      expect(await artifact(name)).not.toBe('');
    }
    const decisions = await world.git('ls-tree', '--name-only', `${branch}:docs/work-items/${item.name}/06-adr`);
    expect(decisions).toMatch(/^ADR-/);
    expect(await frontmatter('12-review.md')).toMatchObject({ verdict: 'APPROVED', work_item_id: item.name });
    expect(await frontmatter('13-test-report.md')).toMatchObject({ result: 'PASS', work_item_id: item.name });
    expect(await frontmatter('15-staging-log.md')).toMatchObject({ staging_status: 'SUCCESS' });
    expect(await frontmatter('14-deploy-log.md')).toMatchObject({ deploy_status: 'SUCCESS', hook_exit_code: 0 });
  });

  test('deploys to staging the head that it merges, and to production what the merge came to', async () => {
    const requested = (await item.events('DeployRequested')).map(({ data }) => [data.environment, data.revision.head]);
    const [staged] = await item.events('DeployRequested');
    const [merged] = await item.events('ChangeMerged');
    const [asked] = await item.events('MergeRequested');
    expect(requested).toEqual([
      ['staging', staged?.data.revision.head],
      ['production', merged?.data.commit.head],
    ]);
    expect(asked?.data.commit.codeTree).toBe(staged?.data.revision.codeTree);
    const { environmentsUrl, repo } = world.sandbox.coordinates;
    const health = await (await fetch(`${environmentsUrl}/${repo}/production/health`)).json();
    expect(health).toMatchObject({ status: 'ok', revision: merged?.data.commit.head });
  });

  test('gives its worktree back and keeps its branch', async () => {
    expect(existsSync(join(world.dataDir, 'worktrees', world.sandbox.coordinates.repo, item.name))).toBe(false);
    expect(await world.git('rev-parse', '--verify', branch)).toMatch(/^[0-9a-f]{40}$/);
  });

  test('ends as Done in the tracker, with every word said once', async () => {
    expect(await item.status()).toBe('Done');
    const comments = await item.comments();
    expect(comments.filter((text) => text.includes('approv')).length).toBe(1);
    expect(comments.filter((text) => text.includes('done.')).length).toBe(1);
    expect(comments.filter((text) => text.includes('this run cost'))).toHaveLength(5);
    expect(comments.filter((text) => text.includes('production deploy'))).toHaveLength(1);
    expect(comments).toHaveLength(8);
  });

  test('knows what it cost', async () => {
    const { costUsd, runs } = await item.task('costUsd runs { outcome exitCode costUsd }');
    expect(costUsd).toBeCloseTo(0.1);
    expect(runs).toHaveLength(5);
    for (const run of runs) expect(run).toMatchObject({ exitCode: 0, costUsd: 0.02 });
  });

  test('is told by every event of it, in a chain that holds', async () => {
    expect(await world.verifyLog()).toMatchObject({ intact: true });
    const ids = new Set((await world.events()).map(({ id }) => id));
    const causes = (await item.events()).map(({ metadata }) => metadata.$causationId).filter((cause) => cause !== null);
    expect(causes.filter((cause) => !ids.has(cause))).toEqual([]);
  });
});

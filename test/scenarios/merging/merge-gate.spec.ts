import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { WorkItem } from '../../support/running/work-item.js';
import { World } from '../../support/running/world.js';
import { WorkingCopy } from '../../support/sandbox/working-copy.js';
import { temporaryFolders } from '../../support/temporary-folder.js';

const SCENARIO_MS_MAX = 180_000;
let world: World;
let item: WorkItem;
/** What a person pushed to the default branch while the item was on its way. */
let meanwhile: string;

beforeAll(async () => {
  world = await World.start(await folder(), { ORCH_MERGE_GATE_REPOS: 'sandbox' }, { artifacts: 'merge' });
  item = await world.startItem('Overtaken by main');
  await item.isApproved();
  await item.reaches('review');
  meanwhile = await pushToMain({ 'docs/guide.md': 'A guide that came in between.\n' });
  await world.sandbox.fault('forge', 'forgetMerges', 1);
  await item.reaches('done');
}, SCENARIO_MS_MAX);
afterAll(() => world.end(), SCENARIO_MS_MAX);
const folder = temporaryFolders();

async function pushToMain(files: Readonly<Record<string, string>>): Promise<string> {
  const { forgeUrl, owner, repo, tokens } = world.sandbox.coordinates;
  const copy = await WorkingCopy.clone(`${forgeUrl}/${owner}/${repo}.git`, tokens.forgeBot);
  try {
    return await copy.pushBranch('main', files);
  } finally {
    await copy.remove();
  }
}

describe('a branch that main overtook, in the merge gate', () => {
  test('is rebased and tested again, and what is staged, merged and deployed is that [MG-12, AMB-28, AMB-31]', async () => {
    const rebased = await item.happens('BranchRebased');
    expect(rebased.data).toMatchObject({ onto: meanwhile });
    const reasons = (await item.events('GateEvaluated'))
      .filter(({ data }) => data.gate === 'check_branch_mergeable')
      .map(({ data }) => data.reason as string);
    expect(reasons).toEqual(['rebased onto main, re-test green', 'branch up-to-date with main']);
    const staged = (await item.events('WorkRequested')).filter(({ data }) => data.stage === 'deploy-staging');
    expect(staged.at(-1)?.data).toMatchObject({ round: 2, revision: { codeTree: rebased.data.to.codeTree } });
    expect((await item.happens('ChangeMerged')).data.commit.codeTree).toBe(rebased.data.to.codeTree);
    expect(await world.git('log', '--format=%H', 'main')).toContain(meanwhile);
  });

  test('is nobody’s failure: no retry, and no stage but staging is entered again', async () => {
    const course = (await item.course()).slice(-3);
    expect(course).toEqual(['deploy-staging', 'deploy', 'done']);
    expect(await item.task('developerRetries')).toEqual({ developerRetries: 0 });
  });
});

describe('a merge that the forge forgot', () => {
  test('is found in git: it is made once, the deploy goes on, and the pull request that was left open is closed', async () => {
    const merged = await item.happens('ChangeMerged');
    const merges = (await world.git('log', '--format=%H', '--merges', 'main')).split('\n');
    expect(merges.filter((commit) => commit === merged.data.commit.head)).toHaveLength(1);
    const { data } = await item.happens('PullRequestClosed');
    const [own] = (await world.pullRequests()).filter(({ number }) => number === data.pullRequest);
    expect(own?.state).toBe('closed');
  });
});

describe('what is written after the merge, where the project wants it on the default branch', () => {
  test('gets there by a merge of its own, under the lease, and no code comes with it', async () => {
    const { data } = await item.happens('ArtifactsMerged');
    const log = await world.git('show', `main:docs/work-items/${item.name}/14-deploy-log.md`);
    expect(log).toContain('deploy_status: SUCCESS');
    const [before, after] = [`${data.commit}^1`, data.commit];
    const files = (await world.git('diff', '--name-only', before, after)).split('\n');
    expect(files).toEqual([`docs/work-items/${item.name}/14-deploy-log.md`]);
  });
});

describe('the lease of the merge work', () => {
  test('was granted for each step and given back, and its story is the item’s', async () => {
    const types = (await item.events()).map(({ type }) => type).filter((type) => type.startsWith('MergeLease'));
    expect(types.length).toBeGreaterThanOrEqual(6);
    expect(types.filter((_, index) => index % 2 === 0)).toEqual(
      types.filter((_, i) => i % 2 === 0).map(() => 'MergeLeaseGranted'),
    );
    const answer = await fetch(`${world.service.url}/queue`);
    expect(((await answer.json()) as { merge_leases: object }).merge_leases).toEqual({});
  });
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { NotificationDelivered } from '../../src/domain/notification/events.js';
import { WorkingCopy } from '../support/sandbox/working-copy.js';
import type { WorkItem } from '../support/running/work-item.js';
import { World } from '../support/running/world.js';
import { temporaryFolders } from '../support/temporary-folder.js';
import { until } from '../support/until.js';

type Told = NotificationDelivered['data'];

const SCENARIO_MS_MAX = 180_000;
let world: World;
/** These do not meet each other, so they go side by side. */
let reviewedTwice: WorkItem;
let testedTwice: WorkItem;
let neverGood: WorkItem;

beforeAll(async () => {
  world = await World.start(await folder(), { ORCH_SERIAL_GATE_ENABLED: 'false', ORCH_MAX_CONCURRENCY: '3' });
  [reviewedTwice, testedTwice, neverGood] = await Promise.all([
    approvedItem('Reviewed twice', '[[reviewer: REQUEST_CHANGES once]]'),
    approvedItem('Tested twice', '[[tester: FAIL once]]'),
    approvedItem('Never good enough', '[[reviewer: REQUEST_CHANGES 4 times]]'),
  ]);
}, SCENARIO_MS_MAX);
afterAll(() => world.end(), SCENARIO_MS_MAX);
const folder = temporaryFolders();

const BEFORE_CODE = ['analysis', 'architecture'];
const AFTER_REVIEW = ['testing', 'deploy-staging', 'deploy', 'done'];

/** The items run side by side: where another one's merge came between, the merged code is staged once more (AMB-31). */
function stagedOnce(course: readonly string[]): readonly string[] {
  const again = course.lastIndexOf('deploy-staging');
  const isAgain = course.indexOf('deploy-staging') < again && course[again - 1] === 'deploy';
  return isAgain ? [...course.slice(0, again), ...course.slice(again + 2)] : course;
}

async function approvedItem(title: string, description = ''): Promise<WorkItem> {
  const item = await world.startItem(title, description);
  await item.isApproved();
  return item;
}

async function doneItem(title: string, description = ''): Promise<WorkItem> {
  const item = await approvedItem(title, description);
  await item.reaches('done');
  return item;
}

/** The reconciler has looked at everything so many times more. */
async function reconciledAgain(times: number): Promise<void> {
  for (let looks = 0; looks < times; looks += 1) {
    const before = await lastLook();
    await until(async () => (await lastLook()) !== before, 'the reconciler looks again');
  }
}

async function lastLook(): Promise<string> {
  const answer = await fetch(`${world.service.url}/queue`);
  return ((await answer.json()) as { reconcile: { last_run_ts: string } }).reconcile.last_run_ts;
}

async function pullsOf(item: WorkItem) {
  const { branch } = await item.task('branch');
  return (await world.pullRequests()).filter(({ head }) => head.ref === branch);
}

/** Somebody else changes the line of the default branch that `[[developer: conflict]]` changes. */
async function personChangesTheMotto(motto: string): Promise<void> {
  const { forgeUrl, owner, repo, tokens } = world.sandbox.coordinates;
  const copy = await WorkingCopy.clone(`${forgeUrl}/${owner}/${repo}.git`, tokens.forgePerson);
  const settings = (await copy.git('show', 'origin/main:src/settings.js')).replace(/motto: .*/, `motto: '${motto}',`);
  await copy.pushBranch('main', { 'src/settings.js': `${settings}\n` });
  await copy.remove();
}

describe('a recorded verdict', () => {
  test(
    'of a reviewer who requests changes costs a retry, and the same pull request is merged in the end [RB-01]',
    async () => {
      const item = reviewedTwice;
      await item.reaches('done');
      const rounds = ['development', 'review', 'development', 'review'];
      expect(stagedOnce(await item.course())).toEqual([...BEFORE_CODE, ...rounds, ...AFTER_REVIEW]);
      expect(await item.task('developerRetries')).toEqual({ developerRetries: 1 });
      expect((await pullsOf(item)).map(({ merged }) => merged)).toEqual([true]);
      expect(await world.git('show', `main:src/promotions/${item.name.toLowerCase()}.js`)).toContain('round: 2');
      const [back] = await item.events('TaskSentBack');
      expect(back?.data.reason).toBe('check_reviewer_verdict: verdict: REQUEST_CHANGES');
    },
    SCENARIO_MS_MAX,
  );

  test(
    'of failed tests costs a retry, and the review is asked for again [RB-02]',
    async () => {
      const item = testedTwice;
      await item.reaches('done');
      const rounds = ['development', 'review', 'testing', 'development', 'review'];
      expect(stagedOnce(await item.course())).toEqual([...BEFORE_CODE, ...rounds, ...AFTER_REVIEW]);
      expect(await item.task('developerRetries')).toEqual({ developerRetries: 1 });
    },
    SCENARIO_MS_MAX,
  );
});

describe('the fourth return', () => {
  test(
    'escalates: the item is Blocked, nobody pushes it on, and a person who moves it to In Progress does [RB-05, SC-23]',
    async () => {
      const item = neverGood;
      await item.happens('TaskEscalated');
      await item.happens('NotificationDelivered', ({ text }) => text === 'Blocked', 'the item is moved to Blocked');
      expect(await item.status()).toBe('Blocked');
      const tells = ({ channel, text }: Told) => channel === 'item-comment' && text.includes('REQUEST_CHANGES');
      await item.happens('NotificationDelivered', tells, 'the reason is told under the item');
      const calls = ({ channel, text }: Told) =>
        channel === 'chat' && text.startsWith('🚨 ') && text.includes('In Progress');
      await item.happens('NotificationDelivered', calls, 'the chat is told what a person can do');
      const moves = await item.course();
      await reconciledAgain(3);
      expect(await item.course()).toEqual(moves);
      await item.moveTo('In Progress');
      await item.reaches('done');
      expect(stagedOnce((await item.course()).slice(moves.length))).toEqual(['review', ...AFTER_REVIEW]);
      expect(await item.task('developerRetries escalated')).toEqual({ developerRetries: 0, escalated: false });
    },
    SCENARIO_MS_MAX,
  );
});

describe('a verdict of a hook', () => {
  test(
    'that staging failed costs a retry, and nothing is merged before it is healthy [RB-10]',
    async () => {
      await world.sandbox.failNextDeploy('staging', 1);
      const item = await doneItem('Staged twice');
      const rounds = ['development', 'review', 'testing', 'deploy-staging', 'development', 'review'];
      expect(stagedOnce(await item.course())).toEqual([...BEFORE_CODE, ...rounds, ...AFTER_REVIEW]);
      expect(await item.events('MergeRequested')).toHaveLength(1);
      const verdicts = (await item.events('DeployFinished')).map(({ data }) => `${data.environment} ${data.verdict}`);
      expect(verdicts).toEqual(['staging FAILED', 'staging SUCCESS', 'production SUCCESS']);
    },
    SCENARIO_MS_MAX,
  );

  test(
    'that production failed brings a new round, with a pull request of its own [RB-03, RB-07]',
    async () => {
      await world.sandbox.failNextDeploy('production', 1);
      const item = await doneItem('Deployed twice');
      const round = ['development', 'review', 'testing', 'deploy-staging', 'deploy'];
      expect(await item.course()).toEqual([...BEFORE_CODE, ...round, ...round, 'done']);
      const pulls = await pullsOf(item);
      expect(pulls.map(({ merged }) => merged)).toEqual([true, true]);
      const merged = (await item.events('ChangeMerged')).map(({ data }) => data.pullRequest);
      expect(merged.sort()).toEqual(pulls.map(({ number }) => number).sort());
      const [back] = await item.events('TaskSentBack');
      expect(back?.data.reason).toContain('deploy_status: FAILED');
    },
    SCENARIO_MS_MAX,
  );
});

describe('a change that conflicts with the default branch', () => {
  test.each([409, 405] as const)(
    'goes back to development with the files that it conflicts in, where the forge answers %i',
    async (answer) => {
      await world.sandbox.conflictsAnswer(answer);
      const item = await approvedItem(`Another motto ${answer}`, '[[developer: conflict once]] [[tester: sleep 2s]]');
      await item.reaches('testing');
      await personChangesTheMotto(`of a person, ${answer}`);
      await item.reaches('deploy');
      const back = await item.happens('TaskSentBack');
      expect(back.data).toMatchObject({ from: 'deploy', to: 'development', retries: 1 });
      expect(back.data.reason).toContain('src/settings.js');
      await item.moveTo('Cancelled');
      await item.happens('WorktreeRemoved');
    },
    SCENARIO_MS_MAX,
  );
});

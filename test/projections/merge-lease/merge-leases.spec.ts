import { beforeEach, describe, expect, test } from '@jest/globals';
import { InMemoryEventLog } from '../../../src/event-log/in-memory/in-memory-event-log.js';
import { BackgroundStats } from '../../../src/kernel/background-stats.js';
import { queueAt } from '../../../src/projections/queue/queue-at.js';
import { whyAt } from '../../../src/projections/why/why-at.js';
import { policyWith } from '../../support/policy.js';
import { seed } from '../../support/seed.js';
import { TaskStory } from '../../support/task-story.js';

const REPO = 'enduro-trails';
const POLICY = policyWith({ merge: { gateRepos: [REPO] } });
const HOLDER = { repo: REPO, branch: 'feature/ET-002', workItem: 'ET-002', taskId: 99_999 };
const [ACQUIRED, EXPIRES, LATER] = ['10', '15', '20'].map((minute) => `2026-01-01T10:${minute}:00.000Z`);

let log: InMemoryEventLog;
let story: TaskStory;

beforeEach(async () => {
  log = new InMemoryEventLog();
  story = new TaskStory(log);
  await story.open();
});

function lease(type: string, data: object = {}) {
  return seed(log, { stream: `merge-lease-${REPO}`, type, data: { ...HOLDER, fence: 0, ...data } });
}

function granted(holder: object = {}) {
  const instance = { id: 's', pid: 1, startTicks: 1, bootId: 'b' };
  return lease('MergeLeaseGranted', { instance, acquiredAt: ACQUIRED, expiresAt: EXPIRES, ...holder });
}

async function leases() {
  const settings = { policy: POLICY, pollIntervalS: 5, stats: new BackgroundStats() };
  return (await queueAt(log, await log.head(), settings)).merge_leases;
}

async function reasons(policy = POLICY) {
  return (await whyAt(log, 'ET-001', await log.head(), policy))?.reasons ?? [];
}

describe('a lease that is held', () => {
  test('stands in the queue with its holder, its times and its fence, until it is given back', async () => {
    await granted();
    const shown = { holder: 'feature/ET-002', work_item_id: 'ET-002', acquired_at: ACQUIRED, fence: 0 };
    expect(await leases()).toEqual({ [REPO]: { ...shown, expires_at: EXPIRES } });
    await lease('MergeLeaseRenewed', { expiresAt: LATER });
    expect(await leases()).toEqual({ [REPO]: { ...shown, expires_at: LATER } });
    await lease('MergeLeaseReleased', { reason: 'done' });
    expect(await leases()).toEqual({});
  });

  test('that was reclaimed and granted anew shows the new fence', async () => {
    await granted();
    await lease('MergeLeaseReclaimed', { because: 'expired', reason: 'too old' });
    await granted({ workItem: 'ET-003', branch: 'feature/ET-003' });
    expect(await leases()).toMatchObject({ [REPO]: { work_item_id: 'ET-003', fence: 2 } });
  });
});

describe('a task that wants to merge', () => {
  const merge = () => story.task('MergeRequested', { taskId: story.taskId, pullRequest: 7, visit: story.visit });

  test('waits for the one that holds the lease, and says until when at most', async () => {
    const grant = await granted();
    await merge();
    expect(await reasons()).toEqual([
      {
        ...{ code: 'merge-lease', ref: 'ET-002', since: ACQUIRED, position: grant.position, actor: 'system' },
        clearsWhen: `ET-002 gives the merge lease of ${REPO} back, or leaves it to run out at ${EXPIRES}`,
      },
    ]);
  });

  test('that holds it itself waits for nobody but the forge', async () => {
    await granted({ taskId: story.taskId, workItem: 'ET-001' });
    await merge();
    expect(await reasons()).toMatchObject([{ code: 'merge' }]);
  });

  test('waits for it at the merge gate too, where that is in force', async () => {
    await granted();
    await story.advance('deploy-staging');
    await story.task('GateCheckRequested', { taskId: story.taskId, gates: ['check_branch_mergeable'] });
    expect(await reasons()).toMatchObject([{ code: 'merge-lease' }]);
    expect(await reasons(policyWith({ merge: { gateEnabled: false } }))).toEqual([]);
  });
});

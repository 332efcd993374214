import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { policyWith } from '../../support/policy.js';
import { ReaperYard } from '../../support/running/reaper-yard.js';
import { until } from '../../support/until.js';

const REFUSED = 'cannot push to enduro-trails: Connection refused';
const TRIES = 3;
const POLICY = policyWith({ jobs: { backoffBaseS: 0.05, transientMaxAttempts: TRIES } });
/** Nobody sees this one end. */
const SLOW = policyWith({ jobs: { backoffBaseS: 3600, transientMaxAttempts: TRIES } });

let folder: string;
let yard: ReaperYard;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'publications-'));
});
afterEach(async () => {
  await yard.end();
  await rm(folder, { recursive: true, force: true });
});

async function opened(policy = POLICY): Promise<void> {
  yard = new ReaperYard(folder, policy);
  await yard.start();
}

/** A run that ended well; whoever should have taken its end over did not, so the reaper does. */
async function ended(runId: string): Promise<void> {
  await yard.exited(runId, 0, 600);
  await yard.ticks();
}

describe('work that does not get to the forge', () => {
  test('holds no slot: the next job is claimed while it waits, and the wait has a name', async () => {
    await opened(SLOW);
    yard.trouble = REFUSED;
    await yard.startWorker();
    const first = await yard.queuedJob();
    await yard.release(first);
    const claim = await yard.happens('JobClaimed');
    const second = await yard.queuedJob();
    await yard.release(second);
    await yard.becomes(first, 'running');
    await ended(claim.data.runId);
    await yard.happens('JobClaimed', ({ data }) => data.jobId === second);
    const { data } = await yard.happens('PublicationFailed');
    expect(data).toMatchObject({ jobId: first, tries: 1, since: 'abc', reason: expect.stringContaining(REFUSED) });
    await until(async () => (await yard.work.job(first))?.available_at !== null, 'the row says when it is tried again');
    expect(await yard.work.job(first)).toMatchObject({ status: 'running', error: data.reason });
    expect((await yard.work.runningJobs()).map(({ id }) => id)).toEqual([second]);
  });

  test('is brought there once the forge takes it, and the agent does not run again', async () => {
    await opened();
    yard.trouble = 'the forge is down';
    const { jobId, runId } = await yard.runningJob();
    await ended(runId);
    await yard.happens('PublicationFailed');
    yard.trouble = null;
    await yard.becomes(jobId, 'done');
    expect((await yard.events('JobClaimed')).map(({ data }) => data.runId)).toEqual([runId]);
    expect(await yard.work.job(jobId)).toMatchObject({ error: null, available_at: null, publishing_since: null });
  });

  test('is tried so often and no more; then the job has failed, and a person is told why', async () => {
    await opened();
    yard.trouble = 'the forge is down';
    const { jobId, runId } = await yard.runningJob();
    await ended(runId);
    const { data } = await yard.happens('JobFailed');
    expect(data.reason).toBe('its work could not be published in 4 tries, the last one: Git: the forge is down');
    expect((await yard.events('PublicationFailed')).map((event) => event.data.tries)).toEqual([1, 2, 3]);
    await yard.happens('NotificationRequested', ({ data: told }) => JSON.stringify(told).includes('4 tries'));
    await yard.becomes(jobId, 'failed');
  });

  test('is taken up after a crash where it stood, in the middle of a wait as well', async () => {
    await opened(SLOW);
    yard.trouble = 'the forge is down';
    const { jobId, runId } = await yard.runningJob();
    await ended(runId);
    await yard.happens('PublicationFailed');
    await yard.restartEffects();
    expect((await yard.work.openEffects()).map(({ type }) => type)).toContain('PublicationFailed');
    yard.trouble = null;
    yard.nowMs += 5 * 3_600_000;
    await yard.restartEffects();
    await yard.becomes(jobId, 'done');
    expect(await yard.events('PublicationFailed')).toHaveLength(1);
  });
});

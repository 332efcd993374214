import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { CancelJob, ReportRunEnded } from '../../../src/domain/job/commands.js';
import { policyWith } from '../../support/policy.js';
import { ReaperYard } from '../../support/running/reaper-yard.js';
import { temporaryFolders } from '../../support/temporary-folder.js';

Logger.overrideLogger(false);

const folder = temporaryFolders();
let yard: ReaperYard;
let jobId: number;
let runId: string;

/** A run that is claimed for another host. */
beforeEach(async () => {
  yard = new ReaperYard(await folder(), policyWith({ reaper: { intervalS: 3600 } }));
  await yard.start();
  jobId = await yard.queuedJob();
  runId = await yard.claim(jobId, 'there');
});
afterEach(() => yard.end());

const ofRun = async (type: string) => (await yard.events(type)).filter(({ data }) => data.runId === runId);

test('a run on another host is left to it as long as that is heard, though nothing of it can be found here', async () => {
  await yard.ticks(3);
  expect(await yard.status(jobId)).toBe('running');
});

test('a run of a silent host is suspected, reaped and given up, and its job can be claimed again', async () => {
  yard.silent.add('there');
  await yard.ticks();
  expect(await yard.status(jobId)).toBe('running');
  await yard.ticks();
  await yard.becomes(jobId, 'queued');
  const [[reaped], [stopped]] = [await ofRun('JobReaped'), await ofRun('RunStopped')];
  expect(reaped?.data.reason).toBe('nothing is heard of its host there');
  expect(stopped?.metadata.$causationId).toBe(reaped?.id);
  expect(await yard.work.openEffects()).not.toContainEqual(expect.objectContaining({ stream: `job-${jobId}` }));
});

test('a run that ended well on a host which then fell silent is given up, because nobody carries its work to the forge', async () => {
  const { revision: fence } = await yard.happens('JobClaimed');
  const account = {
    costUsd: 0,
    inputTokens: 0,
    outputTokens: 0,
    turns: 1,
    sessionId: 's',
    signal: null,
    failure: null,
  };
  const end = { fence, runId, exitCode: 0, since: 'abc', ...account, endedAt: '2026-01-01T12:00:00.000Z' };
  await yard.execute(new ReportRunEnded(`job-${jobId}`, end, yard.contextOf('ET-001')));
  await yard.ticks(2);
  expect(await yard.status(jobId)).toBe('running');
  yard.silent.add('there');
  await yard.ticks(2);
  await yard.becomes(jobId, 'queued');
  expect(await ofRun('JobSucceeded')).toEqual([]);
});

test('what was cancelled on a host that is gone counts as stopped, and leaves nothing open', async () => {
  yard.silent.add('there');
  await yard.execute(new CancelJob(`job-${jobId}`, { reason: 'not wanted' }, yard.contextOf('ET-001')));
  await yard.happens('JobCancelled');
  await yard.ticks(2);
  expect(await ofRun('RunStopped')).toHaveLength(1);
  expect(await yard.work.openEffects()).not.toContainEqual(expect.objectContaining({ stream: `job-${jobId}` }));
});

import { afterEach, describe, expect, test } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { AbandonAttempt, CancelJob } from '../../src/domain/job/commands.js';
import type { NotificationRequested } from '../../src/domain/notification/events.js';
import { messagesIn } from '../../src/telemetry/messages/messages.js';
import { policyWith } from '../support/policy.js';
import { ReaperYard } from '../support/running/reaper-yard.js';
import { temporaryFolders } from '../support/temporary-folder.js';
import { until } from '../support/until.js';

Logger.overrideLogger(false);

const folder = temporaryFolders();
let yard: ReaperYard;
afterEach(() => yard.end());

/** One second of the tests is enough for nobody to tick by himself. */
async function yardWith(reaper: Parameters<typeof policyWith>[0]['reaper'] = {}): Promise<ReaperYard> {
  yard = new ReaperYard(await folder(), policyWith({ reaper: { intervalS: 3600, ...reaper } }));
  await yard.start();
  yard.reaper.start();
  return yard;
}

const counted = (total: number) => until(() => yard.stats.reaper.reapedTotal === total, `${total} reaps are counted`);

describe('ORCH-065', () => {
  test('TC-01: a dead process is suspected by the first tick, reaped by the second, and its job queued (SC-09, RP-04)', async () => {
    await yardWith();
    const { jobId, runId } = await yard.runningJob();
    await yard.process(runId, 'dead');
    await yard.ticks();
    expect(await yard.status(jobId)).toBe('running');
    await yard.ticks();
    await yard.becomes(jobId, 'queued');
    await counted(1);
    expect(yard.stats.reaper.lastReaped).toEqual({ jobId, agent: 'analyst', outcome: 'queued' });
    expect((await yard.work.job(jobId))?.error).toMatch(/^reaped: process \d+ is dead.*\(run_id=run-/);
    expect(await yard.work.run(runId)).toMatchObject({ outcome: 'reaped', cost_usd: null });
  });

  test('TC-02a: a live process is left alone, tick after tick (RP-16)', async () => {
    await yardWith();
    const { jobId, runId } = await yard.runningJob();
    await yard.process(runId, 'alive');
    await yard.ticks(5);
    expect(await yard.status(jobId)).toBe('running');
    expect(await yard.events('JobSuspected', 'JobReaped')).toEqual([]);
  });

  test('TC-02b: a live process is left alone below the ceiling', async () => {
    await yardWith({ maxRunningS: 3600 });
    const { jobId, runId } = await yard.runningJob();
    await yard.process(runId, 'alive');
    yard.nowMs += 1800_000;
    await yard.ticks();
    expect(await yard.status(jobId)).toBe('running');
  });

  test('TC-03: only dead looks in a row count; one sight of life begins anew (RP-05)', async () => {
    await yardWith({ deadTicks: 3 });
    const { jobId, runId } = await yard.runningJob();
    for (const state of ['dead', 'dead', 'alive', 'dead', 'dead'] as const) {
      await yard.process(runId, state);
      await yard.ticks();
    }
    expect(await yard.status(jobId)).toBe('running');
    await yard.ticks();
    await yard.becomes(jobId, 'queued');
  });

  test('TC-04a: at the ceiling a run is reaped in one step, and its processes are ended before its job goes on (RP-13)', async () => {
    await yardWith({ maxRunningS: 100 });
    const { jobId, runId } = await yard.runningJob();
    const env = { PATH: process.env['PATH'] ?? '', ORCH_RUN_ID: runId };
    const clocks = { timeoutMs: 0, silenceMs: 0, killGraceMs: 200, lingerMs: 0 };
    const spec = { command: 'sleep', args: ['300'], cwd: yard.folder, env, ...clocks };
    await yard.supervisor.start(`${yard.folder}/runs/${runId}`, spec, 1);
    yard.nowMs += 500_000;
    await yard.ticks();
    await yard.becomes(jobId, 'queued');
    expect((await yard.supervisor.inspect(`${yard.folder}/runs/${runId}`)).state).toBe('ended');
    expect(await yard.work.run(runId)).toMatchObject({ outcome: 'reaped', signal: 'SIGINT' });
    await counted(1);
  });

  test('TC-04b: at the ceiling a run of which nothing was ever seen is reaped too', async () => {
    await yardWith({ maxRunningS: 100 });
    const { jobId } = await yard.runningJob();
    yard.nowMs += 500_000;
    await yard.ticks();
    await yard.becomes(jobId, 'queued');
  });

  test('TC-05 exit 0, green, after the grace: the job is done and the task advances once (SC-10, RP-09, RP-23)', async () => {
    await yardWith({ finalizeGraceS: 300 });
    const { jobId, runId } = await yard.architectJob();
    await yard.exited(runId, 0, 600);
    await yard.ticks(2);
    await yard.becomes(jobId, 'done');
    await yard.happens('TaskAdvanced', ({ data }) => data.to === 'development');
    await yard.ticks(2);
    expect((await yard.events('JobSucceeded')).filter(({ data }) => data.jobId === jobId)).toHaveLength(1);
    const moves = (await yard.events('TaskAdvanced')).map(({ data }) => data.to);
    expect(moves).toEqual(['analysis', 'architecture', 'development']);
    await counted(2);
    expect(yard.stats.reaper.lastReaped).toEqual({ jobId, agent: 'architect', outcome: 'done' });
  });

  test('TC-05 exit 0, red: without the artifacts that the gate reads the job is queued again, and nothing advances (RP-22)', async () => {
    await yardWith({ finalizeGraceS: 300 });
    const { jobId, runId } = await yard.runningJob();
    yard.artifacts = ['01-brd.md'];
    await yard.exited(runId, 0, 600);
    await yard.ticks();
    await yard.becomes(jobId, 'queued');
    expect((await yard.work.job(jobId))?.error).toContain('did not write');
    expect((await yard.events('TaskAdvanced')).map(({ data }) => data.to)).toEqual(['analysis']);
  });

  test('TC-05 already advanced: the job of a visit that is over is done, and its task is left where it is (RP-21)', async () => {
    await yardWith({ finalizeGraceS: 300 });
    const first = await yard.architectJob();
    await yard.exited(first.runId, 0, 600);
    await yard.ticks();
    await yard.happens('JobQueued', ({ data }) => data.agent === 'developer');
    const before = await yard.events('TaskAdvanced', 'WorkFinished');
    const again = await yard.queueAgain(first.jobId);
    await yard.exited(await yard.claim(again), 0, 600);
    await yard.ticks();
    await yard.becomes(again, 'done');
    await yard.sagasHaveSeenAll();
    expect(await yard.events('TaskAdvanced', 'WorkFinished')).toEqual(before);
  });

  test('TC-05 exit ≠ 0: tried again while there are attempts, then failed, and people are told (RP-20, RP-25, TG-10)', async () => {
    await yardWith({ finalizeGraceS: 300 });
    const { jobId, runId } = await yard.runningJob();
    await yard.exited(runId, 1, 600);
    await yard.ticks();
    await yard.becomes(jobId, 'queued');
    await yard.exited(await yard.claim(jobId), 1, 600);
    await yard.ticks();
    await yard.becomes(jobId, 'failed');
    await yard.happens('NotificationRequested', ({ data }) => data.message === 'work-failed');
    await counted(2);
    expect(yard.stats.reaper.reapedByOutcome).toEqual({ done: 0, queued: 1, failed: 1, cancelled: 0 });
  });

  test('TC-05 within the grace: whoever watches the run has time to take its exit over, at the ceiling too (SC-11, RP-10, AMB-10)', async () => {
    await yardWith({ finalizeGraceS: 300, maxRunningS: 400 });
    const { jobId, runId } = await yard.runningJob();
    yard.nowMs += 500_000;
    await yard.exited(runId, 0, 5);
    await yard.ticks(3);
    expect(await yard.status(jobId)).toBe('running');
    expect(await yard.events('RunEnded', 'JobReaped')).toEqual([]);
  });

  test('TC-05 lost claim: who was first decides, and the reaper changes and counts nothing (RP-24)', async () => {
    await yardWith({ deadTicks: 1 });
    const { jobId, runId } = await yard.runningJob();
    await yard.process(runId, 'dead');
    const look = yard.supervisor.inspect.bind(yard.supervisor);
    yard.supervisor.inspect = async (directory) => {
      const found = await look(directory);
      await yard.execute(new CancelJob(`job-${jobId}`, { reason: 'a person was first' }, yard.contextOf('ET-001')));
      return found;
    };
    await yard.ticks();
    expect((await yard.work.job(jobId))?.error).toBe('cancelled: a person was first');
    expect(await yard.events('JobReaped', 'JobSuspected')).toEqual([]);
    expect(yard.stats.reaper.reapedTotal).toBe(0);
  });

  test('TC-06a: an attempt that a restart gave up before is not the reaper’s any more', async () => {
    await yardWith({ deadTicks: 1 });
    const { jobId, runId } = await yard.runningJob();
    await yard.process(runId, 'dead');
    const lost = { fence: 1, reason: 'lost at the restart', transient: false };
    await yard.execute(new AbandonAttempt(`job-${jobId}`, lost, yard.contextOf('ET-001')));
    await yard.ticks(2);
    expect(await yard.status(jobId)).toBe('queued');
    expect(await yard.events('JobReaped')).toEqual([]);
  });

  test('TC-06b: a job that nobody has claimed is not looked at', async () => {
    await yardWith({ deadTicks: 1 });
    const jobId = await yard.queuedJob();
    await yard.ticks(2);
    expect(await yard.status(jobId)).toBe('queued');
    expect(await yard.events('JobReaped', 'JobSuspected')).toEqual([]);
  });

  test('TC-07: switched off it touches nobody, however dead and old (RP-38)', async () => {
    await yardWith({ enabled: false, leaseReclaimEnabled: false });
    const { jobId, runId } = await yard.runningJob();
    await yard.process(runId, 'dead');
    yard.nowMs += 99_999_000;
    await yard.ticks(3);
    expect(await yard.status(jobId)).toBe('running');
    expect(await yard.events('JobReaped', 'JobSuspected')).toEqual([]);
  });

  test('TC-08a: a run that cannot be judged stays, and keeps no other waiting (RP-41)', async () => {
    await yardWith({ deadTicks: 1 });
    const [bad, good] = [await yard.runningJob(), await yard.runningJob()];
    await yard.write(bad.runId, 'proc.json', '{"half');
    await yard.process(good.runId, 'dead');
    await yard.ticks();
    await yard.becomes(good.jobId, 'queued');
    expect(await yard.status(bad.jobId)).toBe('running');
  });

  test('TC-08b: without the list of runs a tick ends quietly, and is seen to have been (RP-40, RP-34)', async () => {
    await yardWith();
    yard.work.openEffects = () => Promise.reject(new Error('the read models cannot be read'));
    await yard.reaper.tick();
    expect(yard.stats.reaper.lastRunAt).toBe('2026-01-01T12:00:00.000Z');
  });

  test('TC-09: after the reap the next job of the only slot is claimed (RP-42)', async () => {
    await yardWith({ deadTicks: 1 });
    const { jobId, runId } = await yard.runningJob();
    await yard.process(runId, 'dead');
    await yard.ticks();
    await yard.becomes(jobId, 'queued');
    await yard.process(await yard.claim(jobId), 'dead');
    const next = await yard.queuedJob();
    await yard.release(next);
    await yard.startWorker();
    expect(await yard.status(next)).toBe('queued');
    await yard.ticks();
    await yard.becomes(jobId, 'failed');
    const told = await yard.happens('NotificationRequested', ({ data }) => data.message === 'job-reaped');
    expect(told.data.params).toMatchObject({ job: String(jobId), agent: 'analyst', repo: 'enduro-trails' });
    await yard.becomes(next, 'running');
  });

  test('TC-21: a second start changes nothing, and a stop waits until nobody looks any more (RP-36)', async () => {
    yard = new ReaperYard(await folder(), policyWith({ reaper: { intervalS: 0.05 } }));
    await yard.start();
    yard.reaper.start();
    yard.reaper.start();
    await until(() => yard.stats.reaper.lastRunAt !== null, 'it looks by itself');
    await yard.reaper.stop();
    yard.stats.reaper.lastRunAt = null;
    await yard.reaper.stop();
    const { jobId, runId } = await yard.runningJob();
    await yard.process(runId, 'dead');
    expect(yard.stats.reaper.lastRunAt).toBeNull();
    yard.reaper.start();
    await yard.becomes(jobId, 'queued');
  });
});

test('when too many look dead at once nobody is reaped, people are told once, and it goes on when fewer do', async () => {
  await yardWith({ deadTicks: 1 });
  const runs = [];
  for (let run = 0; run < 4; run += 1) runs.push(await yard.runningJob());
  for (const { runId } of runs) await yard.process(runId, 'dead');
  await yard.ticks(3);
  expect(await yard.events('JobReaped', 'JobSuspected')).toEqual([]);
  const told = (await yard.events('NotificationRequested')).filter(({ data }) => data.message === 'reaper-stands-back');
  expect(told).toHaveLength(1);
  const { message, params } = told[0]?.data as NotificationRequested['data'];
  expect(messagesIn('ru').text(message, params)).toContain('4 из 4');
  await yard.process(runs[0]?.runId ?? '', 'alive');
  await yard.ticks();
  for (const { jobId } of runs.slice(1)) await yard.becomes(jobId, 'queued');
});

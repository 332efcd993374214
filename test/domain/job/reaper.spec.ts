import { describe, expect, test } from '@jest/globals';
import { CancelJob, JudgeRun, ReportRunStopped } from '../../../src/domain/job/commands.js';
import type { RunEvidence } from '../../../src/domain/job/judge.js';
import type { Policy } from '../../../src/kernel/pipeline/policy.js';
import { isMassDeath } from '../../../src/effects/job/mass-death.js';
import { at, wish } from '../../support/given.js';
import { completed, ended, fenceOf, queuedJob, runningJob, type JobHistory } from '../../support/lives/job-history.js';
import { policyWith } from '../../support/policy.js';

const DEAD: RunEvidence = { process: 'dead', pid: 4711, exit: null };
const ALIVE: RunEvidence = { process: 'alive', pid: 4711, exit: null };
const UNKNOWN: RunEvidence = { process: 'unknown', pid: null, exit: null };

function ticks(deadTicks: number): Policy {
  return policyWith({ reaper: { deadTicks } });
}

function ceiling(maxRunningS: number): Policy {
  return policyWith({ reaper: { maxRunningS } });
}

function look(history: JobHistory, evidence: RunEvidence, seconds = 60): JudgeRun {
  return wish(JudgeRun, { fence: fenceOf(history), evidence }, seconds);
}

function looks(history: JobHistory, ...evidence: readonly RunEvidence[]): JobHistory {
  return evidence.reduce((seen, found) => seen.after(look(seen, found)), history);
}

/** The process is made sure of, as the reaper's intent asks. */
function gone(history: JobHistory): JobHistory {
  return history.after(wish(ReportRunStopped, { runId: history.last('JobReaped').data.runId }, 61));
}

describe('A run on a host of which nothing is heard', () => {
  const SILENT: RunEvidence = { process: 'out-of-reach', pid: null, exit: null, host: 'vm-2' };

  test('is suspected, reaped, and goes on elsewhere with another attempt', () => {
    const running = runningJob();
    running.when(look(running, SILENT)).thenTypes('JobSuspected');
    const reaped = looks(running, SILENT, SILENT);
    expect(reaped.last('JobReaped').data.reason).toBe('nothing is heard of its host vm-2');
    expect(gone(reaped).state).toMatchObject({ status: 'queued', attempts: 1 });
  });

  test('is reaped also while its work should be on the way to the forge: nobody is there to carry it', () => {
    const running = runningJob();
    const publishing = running.after(ended(running));
    expect(looks(publishing, SILENT, SILENT).state).toMatchObject({ phase: 'stopping' });
    expect(looks(publishing, DEAD, DEAD).state).toMatchObject({ phase: 'publishing' });
  });
});

describe('A dead process', () => {
  test('is suspected at the first look and reaped at the second (ORCH-065 TC-01)', () => {
    const running = runningJob();
    running.when(look(running, DEAD)).thenTypes('JobSuspected');
    const suspected = looks(running, DEAD);
    expect(suspected.state.status).toBe('running');
    suspected.when(look(suspected, DEAD)).thenTypes('JobReaped');
    expect(gone(looks(suspected, DEAD)).state).toMatchObject({ status: 'queued', attempts: 1 });
  });

  test('needs as many looks in a row as the settings say; one sight of life begins anew (TC-03)', () => {
    const running = runningJob(queuedJob(ticks(3)));
    const five = looks(running, DEAD, DEAD, ALIVE, DEAD, DEAD);
    expect(five.state).toMatchObject({ status: 'running', suspicion: 2 });
    five.when(look(five, DEAD)).thenTypes('JobReaped');
  });

  test('is reaped at once where one tick is enough (AMB-15)', () => {
    const running = runningJob(queuedJob(ticks(1)));
    running.when(look(running, DEAD)).thenTypes('JobReaped');
  });

  test('that used up the attempts fails the job, and the reason names the run (TC-05, RP-27)', () => {
    const once = runningJob(queuedJob(ticks(1)));
    const second = runningJob(gone(looks(once, DEAD)), 100);
    const failed = gone(looks(second, DEAD));
    expect(failed.state.status).toBe('failed');
    expect(failed.last('JobFailed').data.reason).toMatch(/^reaped: process 4711 is dead.* \(run_id=run-\d+\)$/);
  });

  test('lets no other attempt begin before it is verified to be gone', () => {
    const reaped = looks(runningJob(queuedJob(ticks(1))), DEAD);
    expect(reaped.state).toMatchObject({ status: 'running', phase: 'stopping' });
    expect(gone(reaped).state.status).toBe('queued');
  });
});

describe('A live process', () => {
  test('is left alone however often it is looked at (TC-02a)', () => {
    const running = runningJob();
    running.when(look(looks(running, ALIVE, ALIVE, ALIVE, ALIVE), ALIVE)).thenNothing();
  });

  test('is left alone below the ceiling (TC-02b)', () => {
    const running = runningJob(queuedJob(ceiling(3600)));
    running.when(look(running, ALIVE, 1800)).thenNothing();
  });

  test('is reaped at the ceiling, and stopped before the job goes on (TC-04a)', () => {
    const running = runningJob(queuedJob(ceiling(100)));
    running.when(look(running, ALIVE, 500)).thenTypes('JobReaped');
  });

  test('of which nothing is known counts as alive, and the ceiling still ends it (TC-04b, RP-08)', () => {
    const running = runningJob(queuedJob(ceiling(100)));
    running.when(look(running, UNKNOWN, 99)).thenNothing();
    running.when(look(running, UNKNOWN, 500)).thenTypes('JobReaped');
  });

  test('clears the suspicion, once', () => {
    const suspected = looks(runningJob(), DEAD);
    suspected.when(look(suspected, ALIVE)).thenTypes('JobSuspicionCleared');
    const cleared = looks(suspected, ALIVE);
    cleared.when(look(cleared, ALIVE)).thenNothing();
  });
});

describe('A run whose exit is recorded', () => {
  const exited = (seconds: number): RunEvidence => ({ ...DEAD, exit: { exitCode: 0, endedAt: at(seconds) } });

  test('is never reaped, within the grace and after it: its outcome is known (TC-05 within grace, AMB-10)', () => {
    const running = runningJob(queuedJob(ceiling(100)));
    running.when(look(running, exited(495), 500)).thenNothing();
    running.when(look(running, exited(100), 500)).thenNothing();
  });

  test('is left to its way to the forge, whatever its process is', () => {
    const running = runningJob();
    const publishing = running.after(ended(running));
    publishing.when(look(publishing, DEAD)).thenNothing();
  });
});

describe('Who comes late does nothing', () => {
  test('when the attempt has ended or was requeued meanwhile (TC-06a, TC-06b)', () => {
    const running = runningJob();
    const requeued = running.after(
      ended(running, { class: 'crash', transient: false, reason: 'exit 1', resetsAt: null }),
    );
    requeued.when(look(running, DEAD)).thenNothing();
    const done = running.afterAll(ended(running), completed(running));
    done.when(look(running, DEAD)).thenNothing();
  });

  test('when what was judged is an older attempt: its evidence cannot reap a new one (AMB-13)', () => {
    const first = runningJob(queuedJob(ticks(1)));
    const second = runningJob(gone(looks(first, DEAD)), 100);
    second.when(look(first, DEAD)).thenNothing();
  });

  test('when the job was reaped already, and when it was cancelled', () => {
    const reaped = looks(runningJob(queuedJob(ticks(1))), DEAD);
    reaped.when(look(reaped, DEAD)).thenNothing();
    const cancelled = runningJob().after(wish(CancelJob, { reason: 'not needed' }));
    cancelled.when(look(runningJob(), DEAD)).thenNothing();
  });

  test('when a reaped run reports after all: its outcome is refused and leaves a trace (TC-05 lost claim)', () => {
    const running = runningJob(queuedJob(ticks(1)));
    const reaped = looks(running, DEAD);
    reaped.when(ended(running)).thenTypes('StaleOutcomeRefused');
  });

  test('when the run that is said to be stopped is another one', () => {
    const reaped = looks(runningJob(queuedJob(ticks(1))), DEAD);
    reaped.when(wish(ReportRunStopped, { runId: 'another' })).thenNothing();
  });
});

test('many deaths at once are taken for our own blindness: more than three, and more than a fifth', () => {
  const seen = (dead: number, alive: number) => [
    ...Array.from({ length: dead }, () => ({ evidence: DEAD })),
    ...Array.from({ length: alive }, () => ({ evidence: ALIVE })),
  ];
  expect([
    isMassDeath(seen(3, 0)),
    isMassDeath(seen(4, 0)),
    isMassDeath(seen(4, 96)),
    isMassDeath(seen(21, 79)),
  ]).toEqual([false, true, false, true]);
});

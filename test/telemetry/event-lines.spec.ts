import { describe, expect, test } from '@jest/globals';
import { lineOf } from '../../src/telemetry/event-lines.js';
import type { RecordedEvent } from '../../src/kernel/event.js';
import { record } from '../support/given.js';

const TASK = { taskId: 42, workItem: 'ET-001', repo: 'enduro-trails' };

function told(type: string, data: object, correlation = 'ET-001') {
  const [event] = record([{ type, data }]) as readonly RecordedEvent[];
  if (!event) throw new Error('Nothing was recorded');
  return lineOf({ ...event, metadata: { ...event.metadata, $correlationId: correlation } });
}

describe('a line of the log about an event', () => {
  test('names the work item, what happened, and every id that leads to the case', () => {
    const process = { pid: 4711, startTicks: 1, bootId: 'b', runDirectory: 'runs/1', since: 'abc', startedAt: 'now' };
    expect(told('RunStarted', { jobId: 7, fence: 1, runId: 'r-1', ...process })).toEqual({
      logger: 'orchestrator.events',
      level: 'info',
      sentence: 'ET-001: job 7 runs as process 4711',
      fields: {
        ...{ type: 'RunStarted', position: 101, stream: 'stream-1', actor: 'system' },
        ...{ work_item: 'ET-001', job_id: 7, run_id: 'r-1', fence: 1, pid: 4711 },
      },
    });
    const opened = { ...TASK, itemId: 'i', projectId: 'p', title: 'Add a map', description: '', branch: 'feature/x' };
    expect(told('TaskOpened', opened)?.fields).toMatchObject({
      repo: 'enduro-trails',
      branch: 'feature/x',
      task_id: 42,
    });
  });

  test.each([
    ['TaskSentBack', { ...TASK, from: 'review', to: 'development', visit: 5, reason: 'upside down', retries: 1 }],
    ['TaskEscalated', { ...TASK, stage: 'review', reason: 'upside down', retries: 4 }],
    ['JobFailed', { jobId: 7, taskId: 42, fence: 1, stage: 'review', visit: 5, round: 1, reason: 'upside down' }],
    [
      'JobRequeued',
      { jobId: 7, fence: 1, reason: 'upside down', attempts: 1, transientAttempts: 0, availableAt: null },
    ],
    ['MergeRefused', { visit: 7, pullRequest: 3, reason: 'upside down' }],
    ['NotificationDropped', { channel: 'chat', reason: 'upside down' }],
  ])('%s is a warning that says why', (type, data) => {
    expect(told(type, data)).toMatchObject({ level: 'warn', sentence: expect.stringContaining('upside down') });
  });

  test('an outcome that came too late is a warning with both fences', () => {
    const line = told('StaleOutcomeRefused', { jobId: 7, fence: 1, currentFence: 4, outcome: 'JobSucceeded' });
    expect(line?.level).toBe('warn');
    expect(line?.sentence).toMatch(/JobSucceeded of job 7 came with fence 1, in force is 4/);
  });

  test('the same type warns of a failure and informs of a success', () => {
    const gate = { stage: 'review', visit: 5, gate: 'check_reviewer_verdict', reason: 'because', evidence: {} };
    expect(told('GateEvaluated', { ...gate, answer: 'passed' })?.level).toBe('info');
    expect(told('GateEvaluated', { ...gate, answer: 'failed' })?.level).toBe('warn');
    const run = { jobId: 7, fence: 1, runId: 'r', exitCode: 1 };
    expect(told('RunEnded', { ...run, failure: null })?.level).toBe('info');
    expect(told('RunEnded', { ...run, failure: { reason: 'overloaded' } })).toMatchObject({ level: 'warn' });
  });

  test('an unblock is said by the reconciler, under ru word for word (RC-17, AC-12 ORCH-053, TC-20a ORCH-053)', () => {
    const data = { ...TASK, workItem: 'ET-042', stage: 'development', visit: 3, source: 'gitea', changedAt: null };
    const [event] = record([{ type: 'TaskUnblocked', data }]) as readonly RecordedEvent[];
    if (!event) throw new Error('Nothing was recorded');
    expect(lineOf(event, 'ru')).toMatchObject({
      ...{ level: 'info', logger: 'reconciler' },
      sentence: 'reconciler: ET-042 development разблокирована (потерян webhook)',
    });
    expect(lineOf(event, 'en')?.sentence).toBe('reconciler: ET-042 development unblocked (webhook lost)');
  });

  test('a stream in the place of a work item is not passed off as one', () => {
    const delivery = { source: 'gitea', deliveryId: 'd-1', digest: 'x', event: 'push', says: {}, body: {} };
    const line = told('DeliveryReceived', delivery, 'inbox-gitea-d-1');
    expect(line?.fields).not.toHaveProperty('work_item');
    expect(line).toMatchObject({ sentence: 'gitea delivered push', fields: { delivery_id: 'd-1' } });
  });

  test('is found under the name of the mechanism that it is about (OBS-07)', () => {
    const reap = { jobId: 7, agent: 'tester', repo: 'r', fence: 1, runId: 'r-1', tier: 'dead', reason: 'gone' };
    expect(told('JobReaped', reap)?.logger).toBe('orchestrator.job_reaper');
    const [frozen] = record([{ type: 'RepoFrozen', data: { repo: 'r', by: 'b', reason: 'x' } }]) as RecordedEvent[];
    if (!frozen) throw new Error('Nothing was recorded');
    expect(lineOf({ ...frozen, stream: 'admission-r' })?.logger).toBe('orchestrator.serial_gate');
    const passed = { stage: 'review', visit: 5, gate: 'g', reason: 'x', evidence: {}, answer: 'passed' };
    const [gate] = record([{ type: 'GateEvaluated', data: passed }]) as RecordedEvent[];
    if (!gate) throw new Error('Nothing was recorded');
    const byReconciler = { ...gate, metadata: { ...gate.metadata, actor: 'policy:reconciler' } };
    expect(lineOf(byReconciler)?.logger).toBe('orchestrator.reconciler');
  });

  test('a type that is not known says nothing, not even one that every object has', () => {
    expect(told('MoonRisen', {})).toBeNull();
    expect(told('constructor', {})).toBeNull();
  });
});

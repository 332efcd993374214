import { describe, expect, test } from '@jest/globals';
import { commandsOf } from '../../src/sagas/saga.js';
import { serialGateSaga } from '../../src/sagas/serial-gate.js';
import { record } from '../support/given.js';
import { DEFAULT_POLICY } from '../support/policy.js';

const TASK = { repo: 'enduro-trails', taskId: 42, workItem: 'ET-001' };
const GATED = { ...TASK, jobId: 7, agent: 'analyst' };
const ROW = { type: 'RequestAdmission', stream: 'admission-enduro-trails', payload: { ...TASK, jobId: 7 } };

function said(type: string, data: object) {
  const [event] = record([{ type, data }]);
  if (!event) throw new Error('Nothing was recorded');
  return commandsOf(serialGateSaga, event, DEFAULT_POLICY).map(({ type: wished, stream, payload }) => ({
    type: wished,
    stream,
    payload,
  }));
}

describe('the gate is told', () => {
  test.each(['JobQueued', 'JobRequeued'])('of an analysis that waits, by %s', (type) => {
    expect(said(type, GATED)).toEqual([ROW]);
  });

  test.each([
    ['JobClaimed', true],
    ['JobCancelled', false],
  ])('that it waits no more, by %s', (type, claimed) => {
    const payload = { repo: TASK.repo, jobId: 7, claimed };
    expect(said(type, GATED)).toEqual([{ type: 'CloseAdmission', stream: ROW.stream, payload }]);
  });

  test.each(['architect', 'developer', 'reviewer', 'tester', 'deployer'])(
    'nothing of the jobs of the %s (SG-02)',
    (agent) => {
      for (const type of ['JobQueued', 'JobRequeued', 'JobClaimed', 'JobCancelled'])
        expect(said(type, { ...GATED, agent })).toEqual([]);
    },
  );

  test('nothing of an analysis without a task: there is nothing to compare it with (SG-45)', () => {
    expect(said('JobQueued', { ...GATED, taskId: null, workItem: null })).toEqual([]);
  });

  test.each([
    ['TaskAdvanced', { ...TASK, from: 'deploy', to: 'done', visit: 9 }],
    ['TaskCancelled', { ...TASK, by: 'operator:ann', reason: 'not needed' }],
  ])('of an end, in every repository, because anybody may have waited for it, by %s (SG-44, TD-08)', (type, data) => {
    // Told before the place is given away: whoever waited may be next in the order.
    expect(said(type, data)).toEqual([
      ...['enduro-trails', 'orchestrator'].map((repo) => ({
        type: 'ReportPrerequisiteEnded',
        stream: `admission-${repo}`,
        payload: { repo, workItem: 'ET-001' },
      })),
      { type: 'RetireTask', stream: 'admission-enduro-trails', payload: TASK },
    ]);
  });

  test('nothing of a step on the way', () => {
    expect(said('TaskAdvanced', { ...TASK, from: 'analysis', to: 'architecture', visit: 2 })).toEqual([]);
  });

  test('to look again when the switches may have changed', () => {
    expect(said('SettingsChanged', { values: DEFAULT_POLICY, hash: 'h', version: '1' })).toEqual(
      ['enduro-trails', 'orchestrator'].map((repo) => ({
        type: 'ReassessRepo',
        stream: `admission-${repo}`,
        payload: { repo },
      })),
    );
  });
});

test('the same event always makes the same commands, so that hearing it twice changes nothing', () => {
  const [event] = record([{ type: 'JobQueued', data: GATED }]);
  if (!event) throw new Error('Nothing was recorded');
  expect(commandsOf(serialGateSaga, event, DEFAULT_POLICY)).toEqual(commandsOf(serialGateSaga, event, DEFAULT_POLICY));
});

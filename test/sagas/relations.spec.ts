import { describe, expect, test } from '@jest/globals';
import { serialGateSaga } from '../../src/sagas/serial-gate.js';
import { commandsOf } from '../../src/sagas/saga.js';
import { record } from '../support/given.js';
import { DEFAULT_POLICY } from '../support/policy.js';

const TASK = { taskId: 42, workItem: 'ET-042', repo: 'enduro-trails' };
const OPENED = { ...TASK, itemId: 'i', projectId: 'project-et', title: 't', description: '', branch: 'b' };
const ENTERED = { itemId: 'i', projectId: 'project-et', workItem: 'ET-007', repo: 'enduro-trails', taskId: null };

function said(type: string, data: object) {
  const [event] = record([{ type, data }]);
  if (!event) throw new Error('Nothing was recorded');
  return commandsOf(serialGateSaga, event, DEFAULT_POLICY).map(({ type: wished, stream, payload, context }) => ({
    ...{ type: wished, stream, actor: context.actor },
    payload: payload,
  }));
}

describe('a task that the tracker says is blocked', () => {
  test('takes its place and waits from its first moment on, by the relation', () => {
    const blockedBy = [{ workItem: 'ORCH-001', ended: false }];
    expect(said('TaskOpened', { ...OPENED, blockedBy })).toEqual([
      { type: 'EnlistTask', stream: 'admission-enduro-trails', actor: 'policy:serial-gate', payload: TASK },
      {
        ...{ type: 'DeclareDependency', stream: 'admission-enduro-trails', actor: 'plane:relations' },
        payload: { ...TASK, dependsOn: 'ORCH-001', ended: false, elsewhere: [] },
      },
    ]);
    expect(said('TaskOpened', OPENED).map(({ type }) => type)).toEqual(['EnlistTask']);
  });
});

describe('an item without a task', () => {
  test('that is done or cancelled in the tracker releases whoever waits for it, in every repository', () => {
    for (const toKey of ['done', 'cancelled']) {
      expect(said('StatusEntered', { ...ENTERED, toKey })).toMatchObject([
        { type: 'ReportPrerequisiteEnded', payload: { repo: 'enduro-trails', workItem: 'ET-007' } },
        { type: 'ReportPrerequisiteEnded', payload: { repo: 'orchestrator', workItem: 'ET-007' } },
      ]);
    }
  });

  test('in any other status, or with a task that decides for itself, releases nobody', () => {
    expect(said('StatusEntered', { ...ENTERED, toKey: 'in_review' })).toEqual([]);
    expect(said('StatusEntered', { ...ENTERED, toKey: 'done', taskId: 7 })).toEqual([]);
  });
});

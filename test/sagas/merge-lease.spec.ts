import { describe, expect, test } from '@jest/globals';
import { mergeWithdrawalSaga } from '../../src/sagas/merge-lease/withdrawal.js';
import { commandsOf } from '../../src/sagas/saga.js';
import { record } from '../support/given.js';
import { DEFAULT_POLICY } from '../support/policy.js';

const TASK = { taskId: 42, workItem: 'ET-001', repo: 'enduro-trails' };

describe('the merge lease of a task', () => {
  test.each([
    ['cancelled', 'TaskCancelled', { from: 'deploy', reason: 'not needed' }],
    ['sent back', 'TaskSentBack', { from: 'deploy-staging', to: 'development', visit: 8, reason: 'red', retries: 1 }],
  ])('that was %s is given back, whichever grant it is [UNK-19, RB-14, MG-09]', (said, type, data) => {
    const commands = record([{ type, data: { ...TASK, ...data } }]).flatMap((event) =>
      commandsOf(mergeWithdrawalSaga, event, DEFAULT_POLICY),
    );
    expect(commands).toMatchObject([
      {
        type: 'ReleaseMergeLease',
        stream: 'merge-lease-enduro-trails',
        payload: { workItem: 'ET-001', fence: null, reason: `the task was ${said}` },
      },
    ]);
  });
});

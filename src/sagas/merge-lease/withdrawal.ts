import { ReleaseMergeLease } from '../../domain/merge-lease/commands.js';
import type { TaskCancelled, TaskSentBack } from '../../domain/task/events.js';
import type { Recorded } from '../../kernel/event.js';
import { send, type Saga } from '../saga.js';

type Heard = Recorded<TaskCancelled | TaskSentBack>;

/**
 * A task that was cancelled or sent back wants nothing merged any more (UNK-19, MG-09): its lease goes to the next one, and whoever
 * still works under it learns of that by its fence.
 */
export const mergeWithdrawalSaga: Saga = {
  name: 'merge-withdrawal',
  types: ['TaskCancelled', 'TaskSentBack'],
  react: (event) => {
    const { type, data } = event as Heard;
    const reason = type === 'TaskCancelled' ? 'the task was cancelled' : 'the task was sent back';
    const wish = { workItem: data.workItem, fence: null, reason };
    return [send(ReleaseMergeLease, `merge-lease-${data.repo}`, wish)];
  },
};

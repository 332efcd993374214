import type { MergeLeaseReclaimed } from '../../domain/merge-lease/events.js';
import { RequestNotification } from '../../domain/notification/commands.js';
import type { Recorded } from '../../kernel/event.js';
import { deriveId } from '../../kernel/ids.js';
import { send, type Saga } from '../saga.js';

/** Every reclaim is told (MG-25): something died, or is slower than it is allowed to be. */
export const mergeLeaseNewsSaga: Saga = {
  name: 'merge-lease-news',
  types: ['MergeLeaseReclaimed'],
  react: (event) => {
    const { workItem, repo, branch, reason } = (event as Recorded<MergeLeaseReclaimed>).data;
    const params = { workItem, repo, branch, reason };
    const message = { channel: 'chat', message: 'merge-lease-reclaimed', workItem, statusKey: null, params } as const;
    return [send(RequestNotification, `notification-${deriveId('merge-lease-news', event.id)}`, message)];
  },
};

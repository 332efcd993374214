import { RequestNotification } from '../../domain/notification/commands.js';
import type { NotificationRequested } from '../../domain/notification/events.js';
import type { RollbackFailed, RollbackOrdered, WatchEnded } from '../../domain/post-deploy/events.js';
import type { Recorded } from '../../kernel/event.js';
import { deriveId } from '../../kernel/ids.js';
import { send, type Saga } from '../saga.js';

type Heard = Recorded<WatchEnded | RollbackOrdered | RollbackFailed>;
type Message = NotificationRequested['data'];

/** From the second DEGRADED in a row on, what is automatic has shown that it does not help. */
const PAGED_FROM = 2;

/** What people are told of production after a deploy: the item always, the chat when somebody has to look (TG-14). */
export const postDeployNewsSaga: Saga = {
  name: 'post-deploy-news',
  types: ['WatchEnded', 'RollbackOrdered', 'RollbackFailed'],
  react: (event) =>
    messagesFor(event as Heard).map((message, ordinal) =>
      send(RequestNotification, `notification-${deriveId('post-deploy-news', event.id, ordinal)}`, message),
    ),
};

function messagesFor(event: Heard): readonly Message[] {
  switch (event.type) {
    case 'WatchEnded':
      return verdict(event.data);
    case 'RollbackOrdered': {
      const { workItem, repo, from, to } = event.data;
      return everywhere('post-deploy-rollback', workItem, { repo, from: from.head, to: to.head });
    }
    case 'RollbackFailed': {
      const { workItem, repo, deployId, reason } = event.data;
      return everywhere('post-deploy-rollback-failed', workItem, { repo, deploy: String(deployId), reason });
    }
  }
}

function verdict({
  status,
  workItem,
  repo,
  checks,
  degradedInRow,
  overtaken,
  ...why
}: WatchEnded['data']): readonly Message[] {
  const reason = why.actionReason === null ? why.reason : `${why.reason}; ${why.actionReason}`;
  const counts = { total: String(checks.total), failed: String(checks.failed) };
  switch (status) {
    case 'HEALTHY':
      return [message('item-comment', 'post-deploy-healthy', workItem, { repo, ...counts })];
    case 'INCONCLUSIVE':
      if (overtaken) return [message('item-comment', 'post-deploy-overtaken', workItem, { repo, ...counts, reason })];
      return everywhere('post-deploy-inconclusive', workItem, { repo, ...counts, reason });
    case 'DEGRADED':
      return degradedInRow < PAGED_FROM
        ? everywhere('post-deploy-degraded', workItem, { repo, ...counts, reason })
        : everywhere('post-deploy-degraded-again', workItem, { repo, times: String(degradedInRow), reason });
  }
}

function everywhere(key: string, workItem: string, params: Message['params']): readonly Message[] {
  return [message('chat', key, workItem, params), message('item-comment', key, workItem, params)];
}

function message(channel: Message['channel'], key: string, workItem: string, params: Message['params']): Message {
  return { channel, message: key, workItem, statusKey: null, params: { workItem, ...params } };
}

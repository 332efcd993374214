import type { EventLog } from '../../event-log/event-log.js';
import type { Position } from '../../kernel/event.js';
import { timeAt } from '../event/moment.js';
import { settingsAt } from '../event/settings-at.js';
import { underWayAsOf } from '../moments/under-way.js';
import { queueSnapshot, type QueueSettings, type QueueSnapshot } from './queue-snapshot.js';

/** Of the settings given, those of that time are used where the log has them. */
export async function queueAt(log: EventLog, position: Position, settings: QueueSettings): Promise<QueueSnapshot> {
  const then = { ...settings, policy: (await settingsAt(log, position)) ?? settings.policy };
  const thenMs = await timeAt(log, position);
  const snapshot = await underWayAsOf(log, { position }, (models) => queueSnapshot(models, then, thenMs));
  return { ...snapshot, leadership: null, hosts: null };
}

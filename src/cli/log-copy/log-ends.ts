import { resolve } from 'node:path';
import { EventStoreHeartbeats } from '../../event-log/eventstoredb/eventstoredb-heartbeats.js';
import { openEventStoreLog } from '../../event-log/eventstoredb/eventstoredb-event-log.js';
import type { EventLog } from '../../event-log/event-log.js';
import type { Heartbeats } from '../../event-log/beside/heartbeats.js';
import { openSqliteHeartbeats } from '../../event-log/sqlite/side-tables/sqlite-heartbeats.js';
import { openSqliteEventLog } from '../../event-log/sqlite/sqlite-event-log.js';
import type { Clock } from '../../kernel/clock.js';
import { isUrl } from '../log-access.js';

/** One side of a copy: the log, and the signs of life beside it, which say how far the sagas have come. */
export interface LogEnd {
  readonly log: EventLog;
  readonly heartbeats: Heartbeats;
  close(): Promise<void>;
}

export async function openEnd(place: string, clock: Clock, readOnly: boolean): Promise<LogEnd> {
  if (isUrl(place)) {
    const log = await openEventStoreLog({ url: place, clock, readOnly });
    const heartbeats = new EventStoreHeartbeats({ url: place });
    return { log, heartbeats, close: () => closeAll([log, heartbeats]) };
  }
  const path = resolve(place);
  const log = await openSqliteEventLog({ path, clock, readOnly });
  const heartbeats = await openSqliteHeartbeats(path);
  return { log, heartbeats, close: () => closeAll([log, heartbeats]) };
}

async function closeAll(parts: readonly { close(): Promise<void> }[]): Promise<void> {
  for (const part of parts) await part.close();
}

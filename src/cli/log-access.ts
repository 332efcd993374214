import { access, constants, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { EventLog } from '../event-log/event-log.js';
import { openSqliteEventLog } from '../event-log/sqlite/sqlite-event-log.js';
import type { RecordedEvent } from '../kernel/event.js';
import { canonicalWorkItem } from '../kernel/pipeline/work-item.js';
import { keepMoments } from '../projections/moments/moments.js';
import { momentsBeside, momentsElsewhere } from './moments-of-log.js';
import { CommandFailed } from './failure.js';

/** Which log a reading command is about: the configured one, or another; a file, or the address of an event store. */
export interface LogChoice {
  readonly db?: string;
}

export function isUrl(place: string): boolean {
  return place.includes('://');
}

/** A path, or an address. The configuration is only loaded where it is asked: that takes longer than most commands. */
export async function logPlaceOf({ db }: LogChoice): Promise<string> {
  if (db !== undefined) return isUrl(db) ? storeAt(db) : fileAt(resolve(db));
  const { loadConfig } = await import('../config/load-config.js');
  const { kind, path, url } = loadConfig(process.env, process.cwd()).eventLog;
  return kind === 'sqlite' ? path : url;
}

function storeAt(address: string): string {
  if (/^(esdb|kdb|kurrent|kurrentdb)([+]discover)?:\/\//.test(address)) return address;
  throw new CommandFailed(2, `${address} is no address of an event store, which begins with esdb://`);
}

/** One that is not there is told of by whoever opens it, because some commands make it. */
async function fileAt(path: string): Promise<string> {
  const found = await stat(path).catch(() => null);
  if (found?.isDirectory())
    throw new CommandFailed(3, `${path} is a directory: name the file of the log, such as ${join(path, 'events.db')}`);
  const isReadable =
    !found ||
    (await access(path, constants.R_OK).then(
      () => true,
      () => false,
    ));
  if (!isReadable) throw new CommandFailed(3, `${path} cannot be read: permission is denied`);
  return path;
}

/** Opened for reading only, so it works beside a running service and on a copy, and never changes either. */
export async function withLog<T>(choice: LogChoice, read: (log: EventLog) => Promise<T>): Promise<T> {
  const clock = { now: () => Date.now() };
  const place = await logPlaceOf(choice);
  const log = isUrl(place) ? await openStore(place) : await openSqliteEventLog({ path: place, clock, readOnly: true });
  keepMoments(log, isUrl(place) ? momentsElsewhere(log.logId) : await momentsBeside(place, log.logId));
  try {
    return await read(log);
  } finally {
    await log.close();
  }
}

/** Its client takes a moment to load, which only those wait for who ask it. */
async function openStore(url: string): Promise<EventLog> {
  const { openEventStoreLog } = await import('../event-log/eventstoredb/eventstoredb-event-log.js');
  return openEventStoreLog({ url, clock: { now: () => Date.now() }, readOnly: true });
}

/** All events of a work item, in either spelling. */
export async function eventsOf(log: EventLog, workItem: string): Promise<readonly RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for (let after = 0; ;) {
    const page = await log.readAll({ correlationId: canonicalWorkItem(workItem), after });
    const last = page.at(-1);
    if (!last) return events;
    events.push(...page);
    after = last.position;
  }
}

import { tmpdir, userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { EventLog } from '../event-log/event-log.js';
import { openSqliteEventLog } from '../event-log/sqlite/sqlite-event-log.js';
import type { RecordedEvent } from '../kernel/event.js';
import { canonicalWorkItem } from '../kernel/pipeline/work-item.js';
import { keepMoments } from '../projections/moments/moments.js';
import { CommandFailed } from './failure.js';

/** Which log a reading command is about: the configured one, or a copy. */
export interface LogChoice {
  readonly db?: string;
}

/** The configuration is only loaded where it is asked: that takes longer than most commands. */
export async function logPathOf({ db }: LogChoice): Promise<string> {
  if (db !== undefined) return resolve(db);
  const { loadConfig } = await import('../config/load-config.js');
  const { kind, path } = loadConfig(process.env, process.cwd()).eventLog;
  if (kind === 'sqlite') return path;
  throw new CommandFailed(3, `This version reads no event log in ${kind}: name a SQLite file with --db`);
}

/** Opened for reading only, so it works beside a running service and on a copy, and never changes either. */
export async function withLog<T>(choice: LogChoice, read: (log: EventLog) => Promise<T>): Promise<T> {
  const clock = { now: () => Date.now() };
  const path = await logPathOf(choice);
  const log = await openSqliteEventLog({ path, clock, readOnly: true });
  keepMoments(log, { kept: momentsCache(log.logId), alsoRead: join(dirname(path), 'moments.db') });
  try {
    return await read(log);
  } finally {
    await log.close();
  }
}

/** Reading leaves nothing beside a log; what it folded on the way is kept where temporary things are, for the next question. */
function momentsCache(logId: string): string {
  return join(tmpdir(), `orchestrator-moments-${userInfo().uid}`, `${logId}.db`);
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

import { join } from 'node:path';
import type { DynamicModule, OnApplicationShutdown, Provider } from '@nestjs/common';
import { Global, Inject, Logger, Module } from '@nestjs/common';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.js';
import type { Clock } from '../kernel/clock.js';
import { CLOCK } from '../kernel/clock.js';
import { VERSION } from '../config/version.js';
import type { Checkpoints } from './checkpoints.js';
import { CHECKPOINTS } from './checkpoints.js';
import type { EventLog } from './event-log.js';
import { EVENT_LOG } from './event-log.js';
import type { EventPlaces } from './beside/event-places.js';
import { InMemoryEventPlaces } from './beside/event-places.js';
import { FencedLog, Term } from './beside/fenced-log.js';
import type { Heartbeats } from './beside/heartbeats.js';
import { HEARTBEATS, InMemoryHeartbeats } from './beside/heartbeats.js';
import { openSqliteHeartbeats } from './sqlite/side-tables/sqlite-heartbeats.js';
import { InMemoryCheckpoints } from './in-memory/in-memory-checkpoints.js';
import { openSqliteCheckpoints } from './sqlite/side-tables/sqlite-checkpoints.js';
import { openSqliteEventPlaces } from './sqlite/side-tables/sqlite-event-places.js';
import type { Snapshots } from './snapshots.js';
import { InMemorySnapshots, SNAPSHOTS } from './snapshots.js';
import { openSqliteSnapshots } from './sqlite/side-tables/sqlite-snapshots.js';
import { openSqliteEventLog } from './sqlite/sqlite-event-log.js';

const PLACES = Symbol('EventPlaces');
const STORED_LOG = Symbol('StoredLog');
/** Everything else that has to be closed. */
const BESIDE = Symbol('BesideTheLog');

export interface EventLogModuleOptions {
  /** For the reading commands of the command line. */
  readonly readOnly?: boolean;
}

/**
 * Gives the log and what lies beside it to everybody; needs `CONFIG` and `CLOCK`. They are closed at the very end of a
 * shutdown, so whoever follows or appends stops in `beforeApplicationShutdown` or before.
 */
@Global()
@Module({})
export class EventLogModule implements OnApplicationShutdown {
  private readonly opened: readonly Closable[];

  constructor(
    @Inject(EVENT_LOG) log: EventLog,
    @Inject(CHECKPOINTS) checkpoints: Closable,
    @Inject(SNAPSHOTS) snapshots: Closable,
    @Inject(BESIDE) beside: readonly Closable[],
  ) {
    this.opened = [log, checkpoints, snapshots, ...beside];
  }

  static forRoot({ readOnly = false }: EventLogModuleOptions = {}): DynamicModule {
    return {
      module: EventLogModule,
      providers: [...logProviders(readOnly), ...besideProviders(readOnly)],
      exports: [EVENT_LOG, CHECKPOINTS, SNAPSHOTS, HEARTBEATS, Term],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    for (const part of this.opened) await part.close?.();
  }
}

function logProviders(readOnly: boolean): readonly Provider[] {
  return [
    Term,
    { provide: PLACES, inject: [CONFIG], useFactory: (config: Config) => openConfiguredPlaces(config, readOnly) },
    {
      provide: STORED_LOG,
      inject: [CONFIG, CLOCK, PLACES],
      useFactory: (config: Config, clock: Clock, places: EventPlaces & Closable) =>
        openConfiguredLog({ config, clock, places, readOnly }),
    },
    {
      provide: EVENT_LOG,
      inject: [STORED_LOG, Term],
      useFactory: (log: EventLog, term: Term) => new FencedLog(log, term),
    },
  ];
}

/** After the log, so that nothing is left open when that one is refused. */
function besideProviders(readOnly: boolean): readonly Provider[] {
  const inject = [CONFIG, EVENT_LOG];
  return [
    { provide: CHECKPOINTS, inject, useFactory: (config: Config) => openConfiguredCheckpoints(config, readOnly) },
    { provide: SNAPSHOTS, inject, useFactory: (config: Config) => openConfiguredSnapshots(config, readOnly) },
    { provide: HEARTBEATS, inject, useFactory: (config: Config) => openConfiguredHeartbeats(config, readOnly) },
    {
      provide: BESIDE,
      inject: [PLACES, HEARTBEATS],
      useFactory: (...parts: readonly Closable[]) => parts,
    },
  ];
}

/** What is kept in memory has nothing to close. */
interface Closable {
  close?(): Promise<void>;
}

interface ConfiguredLog {
  readonly config: Config;
  readonly clock: Clock;
  readonly places: EventPlaces & Closable;
  readonly readOnly: boolean;
}

/** The client of an event store takes longer to load than a log to open: only those wait for it who use it. */
async function openConfiguredLog({ config, clock, places, readOnly }: ConfiguredLog): Promise<EventLog> {
  const { kind, path, url } = config.eventLog;
  if (kind === 'sqlite') return openSqliteEventLog({ path, clock, readOnly });
  const { openEventStoreLog } = await import('./eventstoredb/eventstoredb-event-log.js');
  const logger = new Logger('event-log');
  try {
    const onTrouble = (sentence: string): void => logger.warn(sentence);
    return await openEventStoreLog({ url, clock, readOnly, places, onTrouble });
  } catch (error) {
    await places.close?.();
    throw error;
  }
}

/** A SQLite log finds its events by itself. */
async function openConfiguredPlaces({ dataDir, eventLog }: Config, readOnly: boolean): Promise<EventPlaces> {
  const isNeeded = eventLog.kind === 'eventstoredb' && !readOnly;
  return isNeeded ? openSqliteEventPlaces(join(dataDir, 'event-places.db')) : new InMemoryEventPlaces();
}

/** Whoever only reads leaves no file behind. */
async function openConfiguredCheckpoints({ dataDir }: Config, readOnly: boolean): Promise<Checkpoints> {
  return readOnly ? new InMemoryCheckpoints() : openSqliteCheckpoints(join(dataDir, 'checkpoints.db'));
}

async function openConfiguredSnapshots({ dataDir }: Config, readOnly: boolean): Promise<Snapshots> {
  return readOnly ? new InMemorySnapshots() : openSqliteSnapshots(join(dataDir, 'snapshots.db'), VERSION);
}

/** Where the log is, so that everybody who shares it sees them. */
async function openConfiguredHeartbeats({ eventLog }: Config, readOnly: boolean): Promise<Heartbeats> {
  if (readOnly) return new InMemoryHeartbeats();
  if (eventLog.kind === 'sqlite') return openSqliteHeartbeats(eventLog.path);
  const { EventStoreHeartbeats } = await import('./eventstoredb/eventstoredb-heartbeats.js');
  return new EventStoreHeartbeats(eventLog);
}

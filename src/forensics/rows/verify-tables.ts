import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventLog } from '../../event-log/event-log.js';
import type { Position } from '../../kernel/event.js';
import type { AnyReadModel } from '../../projections/engine/read-model.js';
import { Comparing, readLiveCheckpoint, type TableComparison } from '../../projections/rebuild/compare.js';
import { rebuild, type RebuildProgress } from '../../projections/rebuild/rebuild.js';
import { KnownEvents } from '../known-events.js';
import { divergences, type Divergence } from './divergence.js';

export interface TableReport {
  /** At which both were compared. */
  readonly position: Position;
  readonly tables: readonly TableComparison[];
  readonly divergences: readonly Divergence[];
}

export interface VerifyTables {
  /** The live file. */
  readonly path: string;
  readonly models: readonly AnyReadModel[];
  readonly onProgress?: (progress: RebuildProgress) => void;
  /** What the log is called where an event of it is refused. */
  readonly place?: string;
}

/** The live file cannot be compared, because it says something about something else. */
export class TablesNotComparable extends Error {
  constructor(path: string, why: string) {
    super(`The read models at ${path} ${why}: 'replay rebuild' makes them anew`);
    this.name = 'TablesNotComparable';
  }
}

/** Folds the log into a scratch file as far as the live one has come, and compares row by row; the live file is only read. */
export async function verifyTables(log: EventLog, options: VerifyTables): Promise<TableReport> {
  const live = await readLiveCheckpoint(options.path, options.models);
  if (live.logId !== log.logId) throw new TablesNotComparable(options.path, 'belong to another log');
  if (!live.sameRules) throw new TablesNotComparable(options.path, 'were folded by the rules of another version');
  const folder = await mkdtemp(join(tmpdir(), 'orchestrator-verify-'));
  try {
    const { position, tables } = await compareAtOneMoment(log, options, join(folder, 'read-models.db'));
    const differing = tables.flatMap(({ differences }) => differences);
    const found = differing.length === 0 ? [] : await divergences(log, options.models, differing, position);
    return { position, tables, divergences: found };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const TRIES_MAX = 100;

/** While a service writes, the live file is a little further each time; the rebuild follows until both stand at one position. */
async function compareAtOneMoment(
  log: EventLog,
  { path, models, onProgress, place = 'the log' }: VerifyTables,
  scratch: string,
): Promise<Pick<TableReport, 'position' | 'tables'>> {
  const signal = AbortSignal.any([]);
  const told = onProgress ? { onProgress } : {};
  for (let attempt = 1; attempt <= TRIES_MAX; attempt += 1) {
    const { position } = await readLiveCheckpoint(path, models);
    await rebuild(new KnownEvents(log, place), { path: scratch, models, signal, until: position, ...told });
    const comparing = await Comparing.open({ live: path, rebuilt: scratch }, models);
    try {
      const positions = await comparing.positions();
      if (positions.live === positions.rebuilt) return { position, tables: await comparing.tables() };
    } finally {
      await comparing.close();
    }
  }
  throw new TablesNotComparable(path, `did not stand still in ${TRIES_MAX} looks`);
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventLog } from '../../src/event-log/event-log.js';
import type { Position } from '../../src/kernel/event.js';
import { foldLog } from '../../src/projections/engine/fold-log.js';
import { ReadModelFile } from '../../src/projections/engine/read-model-file.js';
import type { AnyReadModel } from '../../src/projections/engine/read-model.js';
import { ReadModels } from '../../src/projections/engine/read-models.js';

/** The slow and certain way: reads the tables as they were after `position`, folded from the log into a file that is gone afterwards. */
export async function asOf<T>(
  log: EventLog,
  models: readonly AnyReadModel[],
  position: Position,
  read: (models: ReadModels) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'orchestrator-as-of-'));
  const path = join(folder, 'read-models.db');
  const past = new ReadModels(path);
  try {
    await foldUntil(log, models, { path, position });
    return await read(past);
  } finally {
    await past.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function foldUntil(
  log: EventLog,
  models: readonly AnyReadModel[],
  { path, position }: { readonly path: string; readonly position: Position },
): Promise<void> {
  const file = await ReadModelFile.open(path, log.logId, models);
  try {
    await foldLog(log, file, { until: position });
  } finally {
    await file.close();
  }
}

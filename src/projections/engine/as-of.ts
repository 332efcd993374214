import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventLog } from '../../event-log/event-log.js';
import type { Position } from '../../kernel/event.js';
import { ReadModelFile } from './read-model-file.js';
import type { AnyReadModel } from './read-model.js';
import { ReadModels } from './read-models.js';

/** Reads the tables as they were after `position`: folded from the log into a file that is gone afterwards. */
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
    for (let after = 0; after < position;) {
      const page = await log.readAll({ after });
      const events = page.filter((event) => event.position <= position);
      const last = events.at(-1);
      if (!last) break;
      await file.apply(events, last.position);
      after = last.position;
    }
  } finally {
    await file.close();
  }
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PAGE_SIZE_MAX } from '../../event-log/event-filter.js';
import type { EventLog } from '../../event-log/event-log.js';
import type { Position, RecordedEvent } from '../../kernel/event.js';
import { canonicalWorkItem } from '../../kernel/pipeline/work-item.js';
import { foldLog } from '../engine/fold-log.js';
import { ReadModelFile } from '../engine/read-model-file.js';
import { ReadModels } from '../engine/read-models.js';
import { READ_MODELS } from '../read-models.js';
import { momentsOf } from './moments.js';

export interface PastQuestion {
  readonly position: Position;
  /** Everything of this work item is there as well, whatever became of it by then. */
  readonly workItem?: string;
}

/**
 * Reads the tables as they were after a position, but for what was settled by then: from the last moment before it, and the
 * events since. What it costs does not depend on the length of the log.
 */
export async function underWayAsOf<T>(
  log: EventLog,
  question: PastQuestion,
  answer: (models: ReadModels) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'orchestrator-as-of-'));
  const path = join(folder, 'read-models.db');
  const past = new ReadModels(path);
  try {
    await fold(log, path, question);
    return await answer(past);
  } finally {
    await past.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function fold(log: EventLog, path: string, { position, workItem }: PastQuestion): Promise<void> {
  const moments = momentsOf(log);
  const file = await ReadModelFile.open(path, log.logId, READ_MODELS, moments);
  try {
    const start = await moments?.nearest(file, position);
    if (start) await file.load(start, workItem === undefined ? [] : await storyUntil(log, workItem, start.position));
    const from = file.position;
    let events = 0;
    const onBatch = (folded: number): void => {
      events += folded;
      moments?.tell({ from, position: file.position, head: position, events });
    };
    await foldLog(log, file, { until: position, onBatch });
  } finally {
    await file.close();
  }
}

/** The events of a work item up to a position. */
export async function storyUntil(log: EventLog, workItem: string, until: Position): Promise<readonly RecordedEvent[]> {
  const filter = { correlationId: canonicalWorkItem(workItem), withoutCommands: true, direction: 'backwards' } as const;
  const pages: (readonly RecordedEvent[])[] = [];
  for (let before = until + 1; ;) {
    const page = await log.readAll({ ...filter, after: before });
    pages.push(page);
    const earliest = page.at(-1);
    if (!earliest || page.length < PAGE_SIZE_MAX) return pages.flat().reverse();
    before = earliest.position;
  }
}

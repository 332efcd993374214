import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventLog } from '../../event-log/event-log.js';
import type { Position, RecordedEvent } from '../../kernel/event.js';
import { canonicalWorkItem } from '../../kernel/pipeline/work-item.js';
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
    for (let after = file.position; after < position;) {
      const page = await log.readAll({ after });
      const events = page.filter((event) => event.position <= position);
      const last = events.at(-1);
      if (!last) return;
      await file.apply(events, last.position);
      after = last.position;
    }
  } finally {
    await file.close();
  }
}

async function storyUntil(log: EventLog, workItem: string, until: Position): Promise<readonly RecordedEvent[]> {
  const story: RecordedEvent[] = [];
  for (let after = 0; ;) {
    const page = await log.readAll({ correlationId: canonicalWorkItem(workItem), after });
    story.push(...page.filter((event) => event.position <= until));
    const last = page.at(-1);
    if (!last || last.position >= until) return story;
    after = last.position;
  }
}

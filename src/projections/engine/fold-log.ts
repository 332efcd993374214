import type { EventLog } from '../../event-log/event-log.js';
import type { Position } from '../../kernel/event.js';
import { inBatches } from './batches.js';
import { readAhead } from './read-ahead.js';
import type { ReadModelFile } from './read-model-file.js';

/** All that folding asks of a log. */
export type Followed = Pick<EventLog, 'logId' | 'head' | 'follow'>;

export interface Folding {
  /** The last that is folded, as far as the log goes. */
  readonly until: Position;
  /** Ends it after the batch under way. */
  readonly signal?: AbortSignal;
  readonly onBatch?: (events: number) => void;
}

/** Carries the file from where it stands to a position. A batch is in it whole or not at all. */
export async function foldLog(log: Followed, file: ReadModelFile, folding: Folding): Promise<void> {
  const until = Math.min(folding.until, await log.head());
  const isOver = (): boolean => file.position >= until || folding.signal?.aborted === true;
  while (!isOver()) {
    for await (const { events, position } of batchesOf(log, file.position, until)) {
      const meant = position > until ? events.filter((event) => event.position <= until) : events;
      await file.apply(meant, Math.min(position, until));
      folding.onBatch?.(meant.length);
      if (isOver()) return;
    }
  }
}

function batchesOf(log: Followed, after: Position, until: Position) {
  return readAhead((signal) => inBatches(log.follow({ after, signal, withoutCommands: true }), { until }));
}

import type { Position } from '../../kernel/event.js';
import { foldLog, type Followed } from '../engine/fold-log.js';
import { ReadModelFile } from '../engine/read-model-file.js';
import type { AnyReadModel } from '../engine/read-model.js';

export interface RebuildProgress {
  /** Where this rebuild took up; not 0 when an earlier one was stopped. */
  readonly from: Position;
  readonly position: Position;
  readonly head: Position;
  /** Folded so far, by this one. */
  readonly events: number;
}

export interface RebuildOptions {
  /** The file that is built; one that was left half-way, of the same log and the same rules, is gone on with. */
  readonly path: string;
  readonly models: readonly AnyReadModel[];
  /** Ends it after the page under way. */
  readonly signal: AbortSignal;
  /** No further than this; absent: to the end of the log. */
  readonly until?: Position;
  readonly onProgress?: (progress: RebuildProgress) => void;
}

export interface Rebuilt extends RebuildProgress {
  /** False: it was stopped on the way. */
  readonly complete: boolean;
}

/** The file that a rebuild of the live one is written to. */
export function besideOf(path: string): string {
  return `${path}.rebuilding`;
}

/** Folds the log into a file of its own. A page is in it whole or not at all, so that it can be stopped, or killed, at any moment. */
export async function rebuild(log: Followed, options: RebuildOptions): Promise<Rebuilt> {
  const file = await ReadModelFile.open(options.path, log.logId, options.models);
  const from = file.position;
  const head = options.until ?? (await log.head());
  let events = 0;
  const progress = (): RebuildProgress => ({ from, position: file.position, head, events });
  const onBatch = (folded: number): void => {
    events += folded;
    options.onProgress?.(progress());
  };
  try {
    await foldLog(log, file, { ...options, until: head, onBatch });
    return { ...progress(), complete: file.position >= head };
  } finally {
    await file.close();
  }
}

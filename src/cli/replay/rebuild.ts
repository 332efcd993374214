import { DataFolderInUse, InstanceLock } from '../../event-log/sqlite/side-tables/instance-lock.js';
import { KnownEvents } from '../../forensics/known-events.js';
import type { Followed } from '../../projections/engine/fold-log.js';
import { READ_MODELS } from '../../projections/read-models.js';
import { besideOf, rebuild, type Rebuilt } from '../../projections/rebuild/rebuild.js';
import { ReadModelsInUse, swap } from '../../projections/rebuild/swap.js';
import { CommandFailed } from '../failure.js';
import { logPlaceOf, withLog } from '../log-access.js';
import { ProgressLine, untilInterrupted } from '../terminal/progress.js';
import { duration, figure, print, printJson } from '../terminal/text.js';
import { readModelPathOf, serviceFolderOf, type ReadModelChoice } from './read-model-choice.js';

export interface RebuildOptions extends ReadModelChoice {
  readonly prepare?: boolean;
  readonly json?: boolean;
}

export async function rebuildAndSwap(options: RebuildOptions): Promise<void> {
  const live = readModelPathOf(options);
  if (!options.prepare) await refuseWhileServing(live);
  const progress = new ProgressLine('rebuilding');
  const place = await logPlaceOf(options);
  const built = await withLog(options, (log) => build(new KnownEvents(log, place), live, progress)).finally(() =>
    progress.end(),
  );
  if (!built.complete) throw new CommandFailed(1, stopped(built));
  if (!options.prepare) await swapAlone(live);
  tell(built, { live, ms: progress.elapsedMs, ...options });
}

function build(log: Followed, live: string, progress: ProgressLine): Promise<Rebuilt> {
  const signal = untilInterrupted();
  const path = besideOf(live);
  return rebuild(log, { path, models: READ_MODELS, signal, onProgress: (now) => progress.tell(now) });
}

/** Said before an hour of work and not after it; the swap asks once more. */
async function refuseWhileServing(live: string): Promise<void> {
  await (await lockOf(live))?.release();
}

async function swapAlone(live: string): Promise<void> {
  const lock = await lockOf(live);
  try {
    await swap(besideOf(live), live);
  } catch (error) {
    throw error instanceof ReadModelsInUse ? new CommandFailed(3, error.message) : error;
  } finally {
    await lock?.release();
  }
}

async function lockOf(live: string): Promise<InstanceLock | null> {
  const folder = serviceFolderOf(live);
  if (folder === null) return null;
  return InstanceLock.acquire(folder).catch((cause: unknown) => {
    if (!(cause instanceof DataFolderInUse)) throw cause;
    const sentence = `The service that writes ${live} is running: stop it and run the command again, or build beside it with --prepare and swap later`;
    throw new CommandFailed(3, sentence, { cause });
  });
}

function stopped({ position, head }: Rebuilt): string {
  return `Stopped at position ${position} of ${head}: the live read models are as they were, and the next rebuild goes on from there`;
}

function tell(built: Rebuilt, how: RebuildOptions & { readonly live: string; readonly ms: number }): void {
  const { from, position, events } = built;
  const { live, ms, prepare = false } = how;
  const perSecond = Math.round((events * 1_000) / Math.max(1, ms));
  if (how.json)
    return printJson({
      path: live,
      swapped: !prepare,
      from: String(from),
      position: String(position),
      events,
      ms,
      perSecond,
    });
  const speed = `${figure(events)} events in ${duration(ms)} (${figure(perSecond)} events/s)`;
  const resumed = from > 0 ? `, after those up to ${from} of an earlier rebuild` : '';
  const where = prepare ? `built beside ${live}; a rebuild while the service is stopped swaps` : `in place at ${live}`;
  print(`${READ_MODELS.length} read models at position ${position}: ${speed}${resumed}; ${where}`);
}

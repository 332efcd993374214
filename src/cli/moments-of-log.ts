import { access, constants, stat } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import type { FoldingProgress, MomentFiles } from '../projections/moments/moments.js';
import { ProgressLine } from './terminal/progress.js';

/** Between two moments nothing is worth a word. */
const TOLD_FROM = 10_000;

/** Where the moments of a log in a file are, and where what a question folds is kept for the next one. */
export async function momentsBeside(path: string, logId: string): Promise<MomentFiles> {
  const beside = join(dirname(path), 'moments.db');
  if (await isOwnFolder(dirname(path))) return { kept: beside, onFolding: teller(path, beside) };
  const kept = momentsCache(logId);
  return { kept, alsoRead: beside, onFolding: teller(path, kept) };
}

/** An event store has no folder. */
export function momentsElsewhere(logId: string): MomentFiles {
  const kept = momentsCache(logId);
  return { kept, onFolding: teller('The event store', kept) };
}

/** In the folder of somebody else, such as the service's, a file of ours would be one that its owner cannot write. */
async function isOwnFolder(folder: string): Promise<boolean> {
  try {
    await access(folder, constants.W_OK);
    return (await stat(folder)).uid === userInfo().uid;
  } catch {
    return false;
  }
}

function momentsCache(logId: string): string {
  return join(tmpdir(), `orchestrator-moments-${userInfo().uid}`, `${logId}.db`);
}

/** A copy that came without its moments takes a while once, and whoever waits is told why and how long. */
function teller(log: string, kept: string): (progress: FoldingProgress) => void {
  let line: ProgressLine | undefined;
  return (progress) => {
    const { events, position, head } = progress;
    if (!line && (events < TOLD_FROM || position >= head)) return;
    line ??= begun(log, kept);
    line.tell(progress);
    if (position >= head) line.end();
  };
}

function begun(log: string, kept: string): ProgressLine {
  process.stderr.write(`${log} has no moments near there: it is folded once, and later questions begin at ${kept}\n`);
  return new ProgressLine('folding');
}

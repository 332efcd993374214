import { withoutUser } from '../../event-log/eventstoredb/connection/address.js';
import { verifyStreams } from '../../event-log/eventstoredb/verify.js';
import { verifyChain } from '../../event-log/sqlite/verify/verify.js';
import { CommandFailed } from '../failure.js';
import { isUrl } from '../log-access.js';
import { ProgressLine } from '../terminal/progress.js';
import { print, printJson } from '../terminal/text.js';
import { compareLogs, copyLog, type Copied } from './copy-log.js';
import { openEnd } from './log-ends.js';

export interface CopyOptions {
  readonly from: string;
  readonly to: string;
  readonly json?: boolean;
}

/** Copies, reads both again and compares, and checks the chain of the copy. */
export async function copy({ from, to, json }: CopyOptions): Promise<void> {
  if (from === to) throw new CommandFailed(2, '--from and --to name the same log');
  const startedAt = performance.now();
  const copied = await transferred(from, to);
  await assertIntact(to);
  const seconds = (performance.now() - startedAt) / 1_000;
  if (json) return printJson({ ...copied, seconds });
  const { events, found, shiftedStreams } = copied;
  const before = found > 0 ? `, ${found} of them before` : '';
  print(`${events} events copied to ${withoutUser(to)}${before}, compared and verified in ${seconds.toFixed(1)} s`);
  if (shiftedStreams > 0) print(`${shiftedStreams} streams have other revisions: events without effect were left out`);
}

async function transferred(from: string, to: string): Promise<Copied> {
  let now = 0;
  const clock = { now: () => now };
  const source = await openEnd(from, clock, true);
  try {
    const target = await openEnd(to, clock, false);
    try {
      const progress = new ProgressLine('copying');
      const onProgress = (position: number, head: number): void => progress.tell({ from: 0, position, head });
      const copied = await copyLog(source, target, { setClock: (ms) => (now = ms), onProgress });
      progress.end();
      await compareLogs(source.log, target.log);
      return copied;
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

async function assertIntact(place: string): Promise<void> {
  if (!isUrl(place)) {
    const verification = await verifyChain(place);
    if (!verification.intact) throw new CommandFailed(1, verification.sentence);
    return;
  }
  const { intact, broken } = await verifyStreams({ url: place });
  if (!intact) throw new CommandFailed(1, `The copy is broken at position ${broken[0]?.position}`);
}

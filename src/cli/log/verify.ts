import { verifyChain } from '../../event-log/sqlite/verify/verify.js';
import { digestFrom, type LogDigest } from '../../event-log/verify/digest.js';
import type { OpenIntent } from '../../event-log/verify/open-intents.js';
import { CommandFailed } from '../failure.js';
import { isUrl, logPlaceOf, type LogChoice } from '../log-access.js';
import { ProgressLine } from '../terminal/progress.js';
import { aligned, dim, print, printJson } from '../terminal/text.js';
import type { Verified } from './verified.js';

export interface VerifyOptions extends LogChoice {
  readonly json?: boolean;
  readonly digest?: string;
}

const SHOWN_MAX = 10;

export async function verify(options: VerifyOptions): Promise<void> {
  const digest = options.digest === undefined ? null : digestOf(options.digest);
  const place = await logPlaceOf(options);
  const verified = await verifiedAt(place, digest);
  if (options.json) printJson(asJson(verified));
  else if (verified.intact) linesOf(verified, digest).forEach(print);
  if (!verified.intact) throw new CommandFailed(1, verified.sentence);
}

async function verifiedAt(place: string, digest: LogDigest | null): Promise<Verified> {
  const progress = new ProgressLine('verifying');
  const given = digest === null ? {} : { digest };
  try {
    if (isUrl(place)) return await (await import('./verify-store.js')).verifyStore({ url: place, ...given });
    const onProgress = (position: number, head: number): void => progress.tell({ from: 0, position, head });
    return await verifyChain(place, { onProgress, ...given });
  } finally {
    progress.end();
  }
}

function digestOf(text: string): LogDigest {
  const digest = digestFrom(text);
  if (digest) return digest;
  throw new CommandFailed(2, `'${text}' is no digest: give the line that log digest printed`);
}

function asJson(verified: Verified): object {
  if (!verified.intact) return { ...verified, position: String(verified.position) };
  const { head, events, streams, voidEvents = 0, openIntents } = verified;
  const open = openIntents.map((intent) => ({ ...intent, position: String(intent.position) }));
  const end = { position: String(head.position), hash: head.hash };
  return { intact: true, head: end, events, streams, voidEvents, openIntents: open };
}

function linesOf(verified: Extract<Verified, { intact: true }>, digest: LogDigest | null): readonly string[] {
  const { head, events, streams, voidEvents, openIntents } = verified;
  const kept = digest === null ? [] : [`It continues the digest of position ${digest.position}`];
  const ineffective = voidEvents === undefined ? '' : `, ${voidEvents} without effect`;
  const intact = `The log is intact: ${events} events in ${streams} streams${ineffective}, head ${head.hash}`;
  return [intact, ...kept, ...openLines(openIntents)];
}

/** The newest are the most likely to be simply under way, and the oldest to be forgotten. */
function openLines(open: readonly OpenIntent[]): readonly string[] {
  if (open.length === 0) return ['Everything that was asked for has its outcome'];
  const rows = open.slice(0, SHOWN_MAX).map(({ position, recordedAt, type }) => [String(position), recordedAt, type]);
  const more = open.length > SHOWN_MAX ? [dim(`and ${open.length - SHOWN_MAX} newer ones`)] : [];
  return [`${open.length} intents have no outcome yet, the oldest first:`, ...aligned(rows), ...more];
}

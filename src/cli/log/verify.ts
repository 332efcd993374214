import { digestFrom, type LogDigest } from '../../event-log/sqlite/verify/digest.js';
import type { OpenIntent } from '../../event-log/sqlite/verify/open-intents.js';
import { verifyChain, type Verification } from '../../event-log/sqlite/verify/verify.js';
import { CommandFailed } from '../failure.js';
import { isUrl, logPlaceOf, type LogChoice } from '../log-access.js';
import { ProgressLine } from '../replay/output.js';
import { aligned, dim, print, printJson } from '../terminal/text.js';

export interface VerifyOptions extends LogChoice {
  readonly json?: boolean;
  readonly digest?: string;
}

const SHOWN_MAX = 10;

export async function verify(options: VerifyOptions): Promise<void> {
  const digest = options.digest === undefined ? null : digestOf(options.digest);
  const place = await logPlaceOf(options);
  if (isUrl(place)) return (await import('./verify-store.js')).verifyStore(place, options);
  const progress = new ProgressLine('verifying');
  const verification = await verifyChain(place, {
    onProgress: (position, head) => progress.tell({ from: 0, position, head }),
    ...(digest === null ? {} : { digest }),
  });
  progress.end();
  if (options.json) printJson(verification);
  else if (verification.intact) linesOf(verification, digest).forEach(print);
  if (!verification.intact) throw new CommandFailed(1, verification.sentence);
}

function digestOf(text: string): LogDigest {
  const digest = digestFrom(text);
  if (digest) return digest;
  throw new CommandFailed(2, `'${text}' is no digest: give the line that log digest printed`);
}

function linesOf(
  { head, streams, openIntents }: Extract<Verification, { intact: true }>,
  digest: LogDigest | null,
): readonly string[] {
  const kept = digest === null ? [] : [`It continues the digest of position ${digest.position}`];
  const intact = `The log is intact: ${head.position} events in ${streams} streams, head ${head.hash}`;
  return [intact, ...kept, ...openLines(openIntents)];
}

/** The newest are the most likely to be simply under way, and the oldest to be forgotten. */
function openLines(open: readonly OpenIntent[]): readonly string[] {
  if (open.length === 0) return ['Everything that was asked for has its outcome'];
  const rows = open.slice(0, SHOWN_MAX).map(({ position, recordedAt, type }) => [String(position), recordedAt, type]);
  const more = open.length > SHOWN_MAX ? [dim(`and ${open.length - SHOWN_MAX} newer ones`)] : [];
  return [`${open.length} intents have no outcome yet, the oldest first:`, ...aligned(rows), ...more];
}

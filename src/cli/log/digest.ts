import { readDigest } from '../../event-log/sqlite/verify/kept-head.js';
import { digestText, type LogDigest } from '../../event-log/verify/digest.js';
import { CommandFailed } from '../failure.js';
import { isUrl, logPlaceOf, type LogChoice } from '../log-access.js';
import { print, printJson } from '../terminal/text.js';

export async function digest(options: LogChoice & { readonly json?: boolean }): Promise<void> {
  const place = await logPlaceOf(options);
  const taken = isUrl(place) ? await digestOfStore(place) : await readDigest(place);
  if (options.json) printJson({ ...taken, position: String(taken.position), digest: digestText(taken) });
  else print(digestText(taken));
}

/** Nobody keeps the end of a shared store, so it is folded from the first event on; a broken one has no end worth keeping. */
async function digestOfStore(url: string): Promise<LogDigest> {
  const { verifyStreams } = await import('../../event-log/eventstoredb/verify.js');
  const { intact, logId, head: position, hash, broken } = await verifyStreams({ url });
  if (intact) return { logId, position, hash };
  throw new CommandFailed(1, `The log is broken at position ${broken[0]?.position}: log verify says how`);
}

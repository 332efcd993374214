import { digestText, readDigest } from '../../event-log/sqlite/verify/digest.js';
import { logPathOf, type LogChoice } from '../log-access.js';
import { print, printJson } from '../terminal/text.js';

export async function digest(options: LogChoice & { readonly json?: boolean }): Promise<void> {
  const taken = await readDigest(await logPathOf(options));
  if (options.json) printJson({ ...taken, position: String(taken.position), digest: digestText(taken) });
  else print(digestText(taken));
}

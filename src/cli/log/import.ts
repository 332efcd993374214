import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BundleRefused } from '../../event-log/sqlite/bundle/bundle.js';
import { importBundle } from '../../event-log/sqlite/bundle/import.js';
import { keepMomentOf } from '../../projections/moments/moment-before.js';
import { CommandFailed } from '../failure.js';
import { isUrl, logPlaceOf, type LogChoice } from '../log-access.js';
import { print, printJson } from '../terminal/text.js';

/** Into an empty log only, all or nothing; afterwards it is read as the original. */
export async function importFile(file: string, options: LogChoice & { readonly json?: boolean }): Promise<void> {
  const found = await stat(file).catch(() => null);
  if (!found?.isFile())
    throw new CommandFailed(3, `There is no bundle at ${file}${found ? ': it is a directory' : ''}`);
  const path = await filePathOf(options);
  const manifest = await importBundle(file, path).catch((error: unknown) => {
    throw error instanceof BundleRefused ? new CommandFailed(1, error.message, { cause: error }) : error;
  });
  await keepMomentOf(manifest, join(dirname(path), 'moments.db'));
  const { moment: _moment, settings: _settings, ...told } = manifest;
  if (options.json) printJson({ ...told, log: path });
  else print(`${path}: ${told.events} events of the log ${told.logId}, whole from position ${told.from} to ${told.to}`);
}

/** Numbers of tasks and jobs are positions, so they cannot be given out anew. */
async function filePathOf(options: LogChoice): Promise<string> {
  const place = await logPlaceOf(options);
  if (!isUrl(place)) return place;
  throw new CommandFailed(
    2,
    'A bundle keeps the positions of its events, and an event store gives them out itself: name a new file with --db',
  );
}

import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { loadConfig } from '../../config/load-config.js';
import { isUrl, type LogChoice } from '../log-access.js';

/** Which file of read models a command is about. */
export interface ReadModelChoice extends LogChoice {
  readonly readModels?: string;
}

export function readModelPathOf({ readModels, db }: ReadModelChoice): string {
  if (readModels !== undefined) return resolve(readModels);
  if (db !== undefined && !isUrl(db)) return join(dirname(resolve(db)), 'read-models.db');
  return loadConfig(process.env, process.cwd()).readModels.path;
}

/** The data folder of the service that would write this file; null for a file that no service of ours looks after. */
export function serviceFolderOf(path: string): string | null {
  const { readModels, dataDir } = loadConfig(process.env, process.cwd());
  return resolve(readModels.path) === path && existsSync(dataDir) ? dataDir : null;
}

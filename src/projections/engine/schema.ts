import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { AnyReadModel } from './read-model.js';

const MIGRATIONS = fileURLToPath(new URL('../../../migrations/read-models/', import.meta.url));

/** The tables, and a name for exactly these tables folded by exactly these rules. */
export interface Schema {
  readonly sql: string;
  readonly fingerprint: string;
}

export async function readSchema(models: readonly AnyReadModel[]): Promise<Schema> {
  const files = (await readdir(MIGRATIONS)).filter((name) => name.endsWith('.sql')).sort();
  const texts = await Promise.all(files.map((name) => readFile(`${MIGRATIONS}${name}`, 'utf8')));
  const sql = texts.join('\n');
  const rules = models.map((model) => `${model.table}@${model.version}`).join(' ');
  return { sql, fingerprint: createHash('sha256').update(sql).update(rules).digest('hex') };
}

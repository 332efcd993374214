import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** Two of them may share a log, and a host, but never a data folder: so it is the data folder that is named. */
export interface Instance {
  readonly name: string;
  readonly host: string;
}

export const INSTANCE = Symbol('Instance');

export function instanceOf(dataDir: string): Instance {
  const path = join(dataDir, 'instance-id');
  mkdirSync(dataDir, { recursive: true });
  if (!existsSync(path)) writeFileSync(path, `${randomUUID()}\n`);
  const host = hostname();
  return { name: `${host}-${readFileSync(path, 'utf8').slice(0, 8)}`, host };
}

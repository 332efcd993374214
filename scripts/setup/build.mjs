import { existsSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Written last and dated back to the begin of the build: what was changed while it ran is newer. */
const STAMP = 'dist/.built';
const INPUTS = ['src', 'tsconfig.json', 'nest-cli.json', 'package-lock.json'];

export function isBuilt(root) {
  const stamp = join(root, STAMP);
  return existsSync(stamp) && INPUTS.every((input) => newest(join(root, input)) < statSync(stamp).mtimeMs);
}

export function markBuilt(root, startedAt) {
  writeFileSync(join(root, STAMP), '');
  utimesSync(join(root, STAMP), startedAt, startedAt);
}

/** Folders count too: their time changes when a file in them is deleted. */
function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

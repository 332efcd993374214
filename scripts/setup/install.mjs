import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Inside `node_modules`, so that it goes with them, and written last: an interrupted installation has none. */
const STAMP = 'node_modules/.orchestrator-installed';
/** Where npm itself keeps what it installed; also written last. */
const NPM_STAMP = 'node_modules/.package-lock.json';
export const NATIVE_MODULE = 'node_modules/sqlite3/build/Release/node_sqlite3.node';

export function isInstalled(root) {
  if (read(root, STAMP) === wanted(root)) return true;
  if (!existsSync(join(root, NATIVE_MODULE)) || !installedByHand(root)) return false;
  markInstalled(root);
  return true;
}

export function markInstalled(root) {
  writeFileSync(join(root, STAMP), wanted(root));
}

/** The lock file's content, not its age, because a checkout gives old files a new time; and the machine that was built for. */
function wanted(root) {
  const digest = createHash('sha256').update(read(root, 'package-lock.json')).digest('hex');
  return `${digest} ${process.platform}-${process.arch}\n`;
}

/** Somebody ran `npm install` or `npm ci`: every package of the lock file is there in its version. */
function installedByHand(root) {
  const installed = packages(root, NPM_STAMP);
  return Object.entries(packages(root, 'package-lock.json')).every(
    ([path, entry]) => path === '' || entry.optional === true || installed[path]?.version === entry.version,
  );
}

function packages(root, file) {
  try {
    return JSON.parse(read(root, file)).packages;
  } catch {
    return {};
  }
}

function read(root, file) {
  return existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : '';
}

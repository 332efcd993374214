import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** Two terminals may start at once, and `npm ci` begins by deleting what the other one needs: one works, the other waits. */
export async function alone(root, say, work) {
  const file = join(root, '.tmp/setup.lock');
  mkdirSync(join(root, '.tmp'), { recursive: true });
  for (let told = false; !take(file); told = true) {
    if (!told) say(`Waiting for the set-up that process ${holder(file)} does …`);
    await pause(200);
  }
  process.on('exit', () => rmSync(file, { force: true }));
  work();
}

/** A lock whose process is gone is left over from a set-up that was killed. */
function take(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  if (!isHeld(file)) rmSync(file, { force: true });
  return false;
}

function isHeld(file) {
  const pid = holder(file);
  // Created a moment ago, its number not yet written.
  if (pid === 0) return Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) < 2_000;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function holder(file) {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return 0;
  }
}

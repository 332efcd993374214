/**
 * Deploys this checkout: node deploy.js <staging|production|rollback> --to <absolute folder>
 *
 * Prints one JSON line per check and ends with 0 (healthy), 1 (failed, what was live before is live again) or 2 (failed, and a
 * person must look). A file `<folder>/<environment>/fail-next` that holds 1 or 2 makes the next deployment end so: for drills.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [action, flag, target] = process.argv.slice(2);
if (!['staging', 'production', 'rollback'].includes(action) || flag !== '--to' || !target) {
  process.stderr.write('usage: node deploy.js <staging|production|rollback> --to <absolute folder>\n');
  process.exit(2);
}
const environment = action === 'rollback' ? (process.env.ORCH_ENVIRONMENT ?? 'production') : action;
const home = join(target, environment);
const read = (file) => (existsSync(file) ? readFileSync(file, 'utf8').trim() : null);
const live = () => read(join(home, 'REVISION'));

process.exit(action === 'rollback' ? await rollBack() : await deploy());

async function deploy() {
  const expected = process.env.ORCH_EXPECTED_REVISION;
  const revision = revisionOfCheckout() ?? expected ?? 'unknown';
  if (!check('A1', 'A', !expected || expected === revision, `checkout is at ${revision}`)) return 1;
  const before = live();
  unpack(revision);
  makeLive(revision, before);
  const drill = read(join(home, 'fail-next'));
  rmSync(join(home, 'fail-next'), { force: true });
  const healthy = (await healthyAs(revision)) && check('B3', 'B', drill === null, drill === null ? 'no drill' : 'failure drill');
  if (healthy) return 0;
  if (drill === '2') return 2;
  if (before === null) takeDown();
  else makeLive(before, null);
  return 1;
}

function revisionOfCheckout() {
  try {
    return execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return null;
  }
}

async function rollBack() {
  const to = process.env.ORCH_PREVIOUS_REVISION || read(join(home, 'PREVIOUS'));
  const known = to !== null && existsSync(join(home, 'releases', to));
  if (!check('A1', 'A', known, known ? `back to ${to}` : 'no earlier release to go back to')) return 2;
  makeLive(to, live());
  return (await healthyAs(to)) ? 0 : 2;
}

function unpack(revision) {
  const release = join(home, 'releases', revision);
  rmSync(`${release}.new`, { recursive: true, force: true });
  mkdirSync(`${release}.new`, { recursive: true });
  for (const part of ['src', 'package.json']) cpSync(part, join(`${release}.new`, part), { recursive: true });
  rmSync(release, { recursive: true, force: true });
  renameSync(`${release}.new`, release);
}

function makeLive(revision, previous) {
  rmSync(join(home, 'next'), { force: true });
  symlinkSync(join('releases', revision), join(home, 'next'));
  renameSync(join(home, 'next'), join(home, 'current'));
  writeFileSync(join(home, 'REVISION'), `${revision}\n`);
  if (previous !== null && previous !== revision) writeFileSync(join(home, 'PREVIOUS'), `${previous}\n`);
}

function takeDown() {
  for (const file of ['current', 'REVISION']) rmSync(join(home, file), { force: true });
}

/** A release that cannot even be loaded is unhealthy, not a crash of this script. */
async function healthyAs(revision) {
  try {
    return await checks(revision);
  } catch (error) {
    return check('B0', 'B', false, String(error));
  }
}

async function checks(revision) {
  const release = join(home, 'releases', revision);
  const unpacked = check('A2', 'A', live() === revision, `${environment} reports ${live()}`);
  const price = await import(pathToFileURL(join(release, 'src', 'price.js')).href);
  const cents = await price.quote([{ product: 'bread', count: 1 }]);
  const answers = check('B1', 'B', cents === 320, `a loaf costs ${cents} cents`);
  const { promotions } = await import(pathToFileURL(join(release, 'src', 'promotions.js')).href);
  const count = (await promotions()).length;
  return check('B2', 'B', count > 0, `${count} promotions`) && unpacked && answers;
}

function check(name, block, ok, detail) {
  process.stdout.write(`${JSON.stringify({ check: name, block, kind: 'REAL', ok, detail })}\n`);
  return ok;
}

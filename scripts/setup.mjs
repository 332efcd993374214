/**
 * Brings a checkout to where it can be started: dependencies as in the lock file, sources built. Runs before `npm start`, `npm
 * test` and the command line, needs nothing but Node, and is done at once when there is nothing to do. It speaks on standard
 * error, so that the output of the command after it stays clean.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isBuilt, markBuilt } from './setup/build.mjs';
import { isInstalled, markInstalled, NATIVE_MODULE } from './setup/install.mjs';
import { alone } from './setup/lock.mjs';

const ROOT = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..');
const NODE_AT_LEAST = [20, 19];

refuseOldNode();
if (!isInstalled(ROOT) || !isBuilt(ROOT)) {
  await alone(ROOT, say, () => {
    if (!isInstalled(ROOT)) install();
    if (!isBuilt(ROOT)) build();
  });
}

function refuseOldNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [majorMin, minorMin] = NODE_AT_LEAST;
  if (major > majorMin || (major === majorMin && minor >= minorMin)) return;
  fail(`Node ${process.versions.node} is too old: the orchestrator needs Node ${NODE_AT_LEAST.join('.')} or newer.`);
}

function install() {
  const when = existsSync(join(ROOT, 'node_modules')) ? 'they are not those of the lock file' : 'first time only';
  say(`Installing dependencies (${when}, about two minutes) …`);
  npm('ci', '--include=dev', '--no-audit', '--no-fund');
  // A strict npm may have skipped the script that builds it.
  if (!existsSync(join(ROOT, NATIVE_MODULE))) npm('rebuild', 'sqlite3');
  if (!existsSync(join(ROOT, NATIVE_MODULE))) {
    fail('The module sqlite3 could not be built; install make and a C++ compiler (g++) and start again.');
  }
  markInstalled(ROOT);
}

function build() {
  say('Building (the sources changed, some seconds) …');
  const startedAt = new Date();
  // What an interrupted build left behind would count as up to date for the compiler.
  if (!existsSync(join(ROOT, 'dist/.built'))) rmSync(join(ROOT, 'dist'), { recursive: true, force: true });
  run('The build failed; correct what the compiler says above and start again.', process.execPath, [
    'node_modules/@nestjs/cli/bin/nest.js',
    'build',
  ]);
  markBuilt(ROOT, startedAt);
}

/** The npm that started this script, or the one that is found. */
function npm(...args) {
  const itself = process.env.npm_execpath;
  const quietly = [...args, '--loglevel=error', '--no-progress'];
  const broken = `"npm ${args[0]}" failed; correct what it says above and start again.`;
  if (itself?.endsWith('.js')) run(broken, process.execPath, [itself, ...quietly]);
  else run(broken, 'npm', quietly);
}

/** What the tools print goes to standard error, the compiler's complaints as well. */
function run(broken, command, args) {
  const { status } = spawnSync(command, args, { cwd: ROOT, stdio: ['ignore', 2, 2] });
  if (status !== 0) fail(broken);
}

function say(line) {
  process.stderr.write(`${line}\n`);
}

function fail(sentence) {
  say(sentence);
  process.exit(1);
}

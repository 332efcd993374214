import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GitWorktrees } from '../../../dist/integrations/git/git-worktrees.js';
import { median } from '../events.mjs';

const FILES = 50_000;
const COMMITS = 5_000;
const CUTS = 5;

/** The first clone, then what every task costs: a branch cut and checked out, and a branch put on top of a main that moved. */
export async function run(print) {
  print(`Worktrees of a repository of ${FILES} files and ${COMMITS} commits, ms (aim: ≤ 2000 to cut one)`);
  const folder = await mkdtemp(join(tmpdir(), 'orchestrator-bench-'));
  try {
    const forge = join(folder, 'forge.git');
    execFileSync('git', ['init', '--quiet', '--bare', '-b', 'main', forge]);
    execFileSync('git', ['--git-dir', forge, 'fast-import', '--quiet'], { input: history() });
    const worktrees = worktreesIn(folder, forge);
    print(`  clone: ${(await timed(() => worktrees.landedAs('big', '0'.repeat(40)))).toFixed(0)}`);
    const cuts = [];
    for (let task = 1; task <= CUTS; task += 1) cuts.push(await timed(() => worktrees.prepare(keyOf(task))));
    print(`  cut a worktree: ${median(cuts).toFixed(0)} (${cuts.map((ms) => ms.toFixed(0)).join(', ')})`);
    const head = execFileSync('git', ['--git-dir', forge, 'rev-parse', 'topic'], { encoding: 'utf8' }).trim();
    const key = { ...keyOf(0), branch: 'topic' };
    print(`  rebase a branch: ${(await timed(() => worktrees.rebase(key, head))).toFixed(0)}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function worktreesIn(folder, forge) {
  return new GitWorktrees({
    ...{ reposDir: join(folder, 'repos'), worktreesDir: join(folder, 'worktrees') },
    ...{ cloneUrlOf: () => forge, defaultBranchOf: () => 'main', token: null, username: 'bench', screen: null },
    ...{ authorName: 'Orchestrator', authorEmail: 'orchestrator@example.test' },
  });
}

function keyOf(task) {
  return { repo: 'big', workItem: `ET-00${task}`, branch: `feature/ET-00${task}` };
}

async function timed(work) {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

/** For `git fast-import`: all files at first, then a file a commit; `topic` leaves main one commit before its end. */
function history() {
  const parts = [commit('main', 1, [...Array(FILES).keys()])];
  for (let number = 2; number <= COMMITS; number += 1) {
    if (number === COMMITS) parts.push(commit('topic', number, [FILES], 'refs/heads/main'));
    parts.push(commit('main', number, [(number * 7) % FILES]));
  }
  return parts.join('');
}

function commit(branch, number, files, from = null) {
  const who = `Ada <ada@example.test> ${1_700_000_000 + number} +0000`;
  const message = `change ${number}`;
  const parent = from === null ? '' : `from ${from}\n`;
  const changes = files.map((file) => `M 100644 inline ${pathOf(file)}\n${data(`file ${file} as of ${number}\n`)}`);
  return `commit refs/heads/${branch}\ncommitter ${who}\n${data(message)}${parent}${changes.join('')}\n`;
}

function data(text) {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}

function pathOf(file) {
  return `src/part-${file % 500}/file-${file}.js`;
}

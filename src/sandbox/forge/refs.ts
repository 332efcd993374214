import { announceCreation, announceDeletion, announcePull, announcePush, type RefMove } from './events.js';
import type { ForgeDesk } from './desk.js';
import { NO_COMMIT } from './git/bare-repository.js';
import { forgeTime, type Pull, type Repository } from './state.js';

/**
 * Compares the branches with what they were and tells what moved. Called by whoever moved them, alone in the repository, and once
 * at the start: what a killed process had already written to git is then told after all.
 */
export async function observeBranches(desk: ForgeDesk, repository: Repository, pusher: string): Promise<void> {
  const actual = await desk.git(repository).branches();
  const moves = movesBetween(repository.refs, actual, pusher);
  if (moves.length === 0) return;
  const synchronized: Pull[] = [];
  const closed: Pull[] = [];
  desk.state.change(() => {
    repository.refs = actual;
    for (const move of moves) {
      if (move.after === NO_COMMIT) closed.push(...closePullsOf(repository, move));
      else synchronized.push(...followHead(desk, repository, move));
    }
  });
  for (const move of moves) await announceMove(desk, repository, move);
  for (const pull of synchronized)
    await announcePull(desk, repository, pull, { action: 'synchronized', sender: pusher });
  for (const pull of closed) await announcePull(desk, repository, pull, { action: 'closed', sender: pusher });
  desk.ci.wake();
}

function movesBetween(from: Record<string, string>, to: Record<string, string>, pusher: string): RefMove[] {
  const names = [...new Set([...Object.keys(from), ...Object.keys(to)])];
  const moves = names.map((branch) => ({
    ...{ branch, pusher, before: from[branch] ?? NO_COMMIT, after: to[branch] ?? NO_COMMIT },
  }));
  return moves.filter(({ before, after }) => before !== after);
}

/** Open pull requests of the branch get its new head; the conflict check restarts on both sides. */
function followHead(desk: ForgeDesk, repository: Repository, move: RefMove): Pull[] {
  const open = repository.pulls.filter(({ state }) => state === 'open');
  const touched = open.filter(({ head, base }) => head === move.branch || base === move.branch);
  for (const pull of touched) {
    pull.checkingUntil = Date.now() + desk.settings.mergeCheckMs;
    if (pull.head === move.branch) pull.headSha = move.after;
    if (pull.head === move.branch) pull.updatedAt = forgeTime();
  }
  if (move.branch !== repository.defaultBranch) queueCi(desk, repository, move);
  return touched.filter(({ head }) => head === move.branch);
}

function queueCi(desk: ForgeDesk, repository: Repository, move: RefMove): void {
  const id = desk.state.value.nextId++;
  repository.ciRuns.push({ id, sha: move.after, branch: move.branch, finished: false });
}

function closePullsOf(repository: Repository, move: RefMove): Pull[] {
  const open = repository.pulls.filter(({ state, head }) => state === 'open' && head === move.branch);
  for (const pull of open) {
    pull.state = 'closed';
    pull.closedAt = pull.updatedAt = forgeTime();
  }
  return open;
}

async function announceMove(desk: ForgeDesk, repository: Repository, move: RefMove): Promise<void> {
  // The deletion of a branch sends no push.
  if (move.after === NO_COMMIT) return announceDeletion(desk, repository, move);
  if (move.before === NO_COMMIT) announceCreation(desk, repository, move);
  await announcePush(desk, repository, move);
}

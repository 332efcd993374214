import type { BranchState, Rebase } from '../../worktrees.js';
import { GitFailed } from '../git.js';
import type { LinkedWorktree } from '../linked-worktree.js';
import type { Mirror } from '../mirror.js';
import type { Authorship } from '../publication.js';

type Rebased = { readonly commit: string } | { readonly conflicts: readonly string[] };

/** Where the commits of one branch are put on top of another commit. */
export interface RebasePlace {
  readonly mirror: Mirror;
  /** A throw-away checkout: git rebases only in one. */
  readonly worktree: LinkedWorktree;
  readonly committer: Authorship;
  stateOf(commit: string): Promise<BranchState>;
}

/** The forge's branches have just been fetched. */
export async function rebaseBranch(place: RebasePlace, branch: string, head: string): Promise<Rebase> {
  const { mirror } = place;
  const base = await mirror.defaultHead();
  const from = await mirror.forgeHead(branch);
  if (await mirror.contains(base, head)) return { kind: 'landed', base };
  if (from === null || !(await isOurs(place, { from, head, base }))) return { kind: 'moved', head: from };
  if (await mirror.contains(from, base)) return { kind: 'current', base, state: await place.stateOf(from) };
  const rebased = await rebaseOnto(place, from, base);
  if ('conflicts' in rebased) return { kind: 'conflict', base, files: rebased.conflicts };
  return { kind: 'rebased', base, from, state: await place.stateOf(rebased.commit) };
}

/** What we pushed before a crash is the head that was judged, on top of an earlier or the same default branch, and nothing else. */
async function isOurs(
  place: RebasePlace,
  { from, head, base }: { readonly from: string; readonly head: string; readonly base: string },
): Promise<boolean> {
  if (from === head) return true;
  const onto = await place.mirror.run(['merge-base', from, base], { answers: [0, 1] });
  if (onto.exitCode === 1) return false;
  const again = await rebaseOnto(place, head, onto.text.trim());
  return 'commit' in again && again.commit === from;
}

/** Whoever commits and when is the same every time, so that the commits are. */
async function rebaseOnto(place: RebasePlace, head: string, onto: string): Promise<Rebased> {
  const { worktree, committer } = place;
  const env = { GIT_COMMITTER_NAME: committer.name, GIT_COMMITTER_EMAIL: committer.email };
  await worktree.recreate(head, null);
  try {
    const args = ['rebase', '--quiet', '--committer-date-is-author-date', '--empty=drop', onto];
    const { exitCode, text } = await worktree.run(args, { answers: [0, 1], env });
    if (exitCode === 0) return { commit: await worktree.line(['rev-parse', 'HEAD']) };
    const conflicts = await unmergedIn(worktree);
    // A rebase that stops without a conflict could not be done at all.
    if (conflicts.length === 0) throw new GitFailed('rebase', exitCode, text, 'it stopped without a conflict');
    return { conflicts };
  } finally {
    await worktree.remove();
  }
}

async function unmergedIn(worktree: LinkedWorktree): Promise<readonly string[]> {
  const { text } = await worktree.run(['diff', '--name-only', '--diff-filter=U', '-z']);
  return [...new Set(text.split('\0').filter(Boolean))];
}

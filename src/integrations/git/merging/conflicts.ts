import type { Mirror } from '../mirror.js';

/** What both sides changed so that git cannot bring it together; tried in memory, without a worktree. Empty: it merges. */
export async function conflictsBetween(mirror: Mirror, base: string, head: string): Promise<readonly string[]> {
  const args = ['merge-tree', '--write-tree', '--name-only', '--no-messages', '-z', base, head];
  const answer = await mirror.run(args, { answers: [0, 1] });
  if (answer.exitCode === 0) return [];
  const [, ...files] = answer.text.split('\0').filter(Boolean);
  return files;
}

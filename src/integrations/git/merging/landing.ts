import type { CodeTrees } from '../code-tree.js';
import type { Mirror } from '../mirror.js';

/**
 * The commit of the default branch that brought another one in: the merge, or the commit itself where the branch was only moved forward.
 * Null when it is not there. Read from git, because a forge has merged and not known of it (Gitea issue 39254).
 */
export async function landingOf(mirror: Mirror, commit: string): Promise<string | null> {
  const main = await mirror.defaultHead();
  if (!(await mirror.contains(main, commit))) return null;
  const descendants = new Set(await listed(mirror, ['--ancestry-path', `${commit}..${main}`]));
  // The steps of the default branch itself, newest first; a branch that was merged into it is no step of it.
  const steps = await listed(mirror, ['--first-parent', main, `^${commit}`]);
  return steps.filter((step) => descendants.has(step)).at(-1) ?? commit;
}

/** Whether nothing but documents of work items has come to the default branch since the commit left it. */
export async function hasCodeOfDefault(mirror: Mirror, codeTrees: CodeTrees, commit: string): Promise<boolean> {
  const main = await mirror.defaultHead();
  const base = await mirror.run(['merge-base', main, commit], { answers: [0, 1] });
  if (base.exitCode === 1) return false;
  const left = base.text.trim();
  return left === main || (await codeTrees.of(left)) === (await codeTrees.of(main));
}

/** The files that a commit changed since it left the default branch. */
export async function changedSinceDefault(mirror: Mirror, commit: string): Promise<readonly string[]> {
  const range = `${await mirror.defaultHead()}...${commit}`;
  const { text } = await mirror.run(['diff', '--name-only', '--no-renames', '-z', range]);
  return text.split('\0').filter(Boolean);
}

async function listed(mirror: Mirror, args: readonly string[]): Promise<readonly string[]> {
  const { text } = await mirror.run(['rev-list', ...args]);
  return text.split('\n').filter(Boolean);
}

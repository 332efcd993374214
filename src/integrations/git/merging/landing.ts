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

async function listed(mirror: Mirror, args: readonly string[]): Promise<readonly string[]> {
  const { text } = await mirror.run(['rev-list', ...args]);
  return text.split('\n').filter(Boolean);
}

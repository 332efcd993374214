import { lstat, mkdir, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, normalize } from 'node:path';

/** A name from outside that would lead out of the folder it is meant for. */
export class UnsafePath extends Error {
  constructor(what: string, value: string, allowed: string) {
    super(`${what} ${JSON.stringify(value)} cannot be used as a path: ${allowed}`);
    this.name = 'UnsafePath';
  }
}

/** One folder name: a repository, a work item, the name of a checkout. */
export function segment(what: string, value: string): string {
  if (/^[\p{L}\p{N}_][\p{L}\p{N}_.-]*$/u.test(value) && !value.endsWith('.lock')) return value;
  throw new UnsafePath(what, value, 'letters, digits, dot, dash and underscore are allowed');
}

/** Where a file of the repository lies in a worktree; refuses what leaves it, also through a link that somebody left there. */
export async function inside(worktree: string, path: string): Promise<string> {
  const plain = normalize(path);
  if (path === '' || isAbsolute(path) || plain.split('/').some((part) => part === '..' || part === '.git')) {
    throw new UnsafePath('File', path, 'it must be relative to the repository and stay inside it');
  }
  let reached = worktree;
  for (const part of plain.split('/')) {
    reached = join(reached, part);
    const found = await lstat(reached).catch(() => null);
    if (found?.isSymbolicLink()) throw new UnsafePath('File', path, 'a symbolic link is in the way');
  }
  return reached;
}

/** Writes nothing outside the worktree, whatever the path says. */
export async function writeInside(worktree: string, path: string, content: string): Promise<void> {
  const target = await inside(worktree, path);
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, content);
}

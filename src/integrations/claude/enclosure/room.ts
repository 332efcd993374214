import { mkdir, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import type { Mount } from './enclosed.js';

/** What one run may touch. */
export interface Room {
  readonly worktree: string;
  readonly branch: string;
  readonly readable: readonly string[];
  readonly writable: readonly string[];
  /** Becomes `/tmp`, so that what an agent leaves there is counted and goes with the run's folder. */
  readonly temporaryDirectory: string;
}

/** What no run may see, and what it may see nevertheless. */
export interface House {
  /** The service's own folders and files: the log, the tables, other runs, other worktrees, its settings. */
  readonly secret: readonly string[];
  /** The words of the agent's command. */
  readonly command: readonly string[];
  readonly home: string | null;
}

/** Where people keep keys; an agent has no business with any of them. */
const KEYS_AT_HOME = [
  ...['.ssh', '.gnupg', '.aws', '.azure', '.kube', '.docker', '.config/gh', '.config/gcloud'],
  ...['.netrc', '.git-credentials', '.pgpass'],
];

/** `/run` holds the sockets of the machine, which a read-only mount does not close; names are looked up through these parts of it. */
const PARTS_OF_RUN = ['/run/systemd/resolve', '/run/resolvconf', '/run/NetworkManager', '/run/current-system'];

/** Everything is looked up when the run is prepared: what does not exist needs no hiding and cannot be mounted. */
export async function mountsOf(house: House, room: Room): Promise<readonly Mount[]> {
  const hidden = [...house.secret, ...keysIn(house.home)];
  const shown = [room.worktree, ...room.writable];
  const own = [...(await each(shown, 'writable')), ...(await each(room.readable, 'readable'))];
  const tmp: Mount = { at: '/tmp', as: 'writable', from: await realpath(room.temporaryDirectory) };
  const covered = [tmp, ...(await emptied(['/run', ...hidden]))];
  const visible = [...(await each(PARTS_OF_RUN, 'readable')), ...(await programs(house.command, covered))];
  return [...covered, ...visible, ...own, ...(await gitOf(room))];
}

function keysIn(home: string | null): readonly string[] {
  return home === null ? [] : KEYS_AT_HOME.map((name) => join(home, name));
}

async function emptied(paths: readonly string[]): Promise<readonly Mount[]> {
  const found = await existing(paths);
  return Promise.all(found.map(async (at) => ({ at, as: (await isFolder(at)) ? 'empty-folder' : 'empty-file' })));
}

async function each(paths: readonly string[], as: 'readable' | 'writable'): Promise<readonly Mount[]> {
  return (await existing(paths)).map((at) => ({ at, as }));
}

/** A program that lies in a covered place is shown, with the package that it belongs to. */
async function programs(command: readonly string[], covered: readonly Mount[]): Promise<readonly Mount[]> {
  const files = await existing(command.filter((word) => word.startsWith(sep)));
  const inCover = files.filter((file) => covered.some(({ at }) => file.startsWith(`${at}${sep}`)));
  return each(await Promise.all(inCover.map(packageOf)), 'readable');
}

async function packageOf(program: string): Promise<string> {
  for (let folder = dirname(program); folder !== dirname(folder); folder = dirname(folder)) {
    if ((await existing([join(folder, 'package.json')])).length > 0) return folder;
  }
  return program;
}

/**
 * What a commit in a linked worktree writes to: the worktree's own record, the objects, and the branch with its log. The
 * rest of the mirror is read-only, and the records of other worktrees are not there. The branch's folder has to be there,
 * because git makes its lock beside the branch.
 */
async function gitOf(room: Room): Promise<readonly Mount[]> {
  const link = join(room.worktree, '.git');
  const [, record] = /^gitdir: (.+)$/m.exec(await readFile(link, 'utf8').catch(() => '')) ?? [];
  if (record === undefined) return [];
  const common = join(record, 'commondir');
  const mirror = join(record, (await readFile(common, 'utf8')).trim());
  const branchAt = (folder: string): string => dirname(join(mirror, folder, 'refs/heads', room.branch));
  const written = [record, join(mirror, 'objects'), branchAt(''), branchAt('logs')];
  for (const folder of written) await mkdir(folder, { recursive: true });
  return [
    ...(await emptied([join(mirror, 'worktrees')])),
    ...(await each([mirror, link, common, join(record, 'gitdir')], 'readable')),
    ...(await each(written, 'writable')),
  ];
}

async function existing(paths: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(paths.map((path) => realpath(path).catch(() => null)));
  return [...new Set(found)].filter((path) => path !== null);
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path)).isDirectory();
}

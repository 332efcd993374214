import { createHash } from 'node:crypto';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** Tracker, forge, chat and git as plain folders: quick, and they outlive whoever uses them. */
export function outsideIn(folder) {
  return { worktrees: new FolderWorktrees(folder), forge: new FolderForge(folder), tracker: TRACKER, notifier: SILENT };
}

const SILENT = { enabled: false, send: async () => undefined };

const TRACKER = {
  ownAccountId: async () => 'orchestrator',
  statuses: async () => [{ id: 'any', name: 'In Review', group: 'started' }],
  workItem: async () => null,
  changedSince: async () => [],
  statusHistory: async () => [],
  blockedBy: async () => [],
  comments: async () => [],
  setStatus: async (_project, _item, status) => status,
  comment: async () => undefined,
};

class FolderForge {
  constructor(folder) {
    this.folder = join(folder, 'forge');
  }

  async ownLogin() {
    return 'orchestrator';
  }

  async openPullRequest(_repo, { head, base }) {
    const file = join(this.folder, 'pulls', head.replaceAll('/', '_'));
    mkdirSync(join(this.folder, 'pulls'), { recursive: true });
    if (!existsSync(file)) writeFileSync(file, String(readdirSync(join(this.folder, 'pulls')).length + 1));
    const state = { state: 'open', merged: false, mergeCommit: null };
    return { number: Number(readFileSync(file, 'utf8')), headBranch: head, headSha: 'any', baseBranch: base, ...state };
  }

  async combinedStatus() {
    return 'absent';
  }
}

/** A commit is the digest of the files that it has; what was pushed lies below `forge/`. */
class FolderWorktrees {
  constructor(folder) {
    this.worktrees = join(folder, 'worktrees');
    this.commits = join(folder, 'forge', 'commits');
    this.pushes = join(folder, 'forge', 'pushes');
    mkdirSync(this.commits, { recursive: true });
  }

  async prepare({ workItem }) {
    const directory = join(this.worktrees, workItem);
    mkdirSync(join(directory, 'docs/work-items', workItem), { recursive: true });
    return { directory, head: 'base', codeTree: 'base' };
  }

  async publish({ workItem }) {
    const directory = join(this.worktrees, workItem);
    const artifacts = filesBelow(join(directory, 'docs')).map((path) => ({
      path: join('docs', path),
      digest: digestOf(readFileSync(join(directory, 'docs', path))),
    }));
    const head = digestOf(`${workItem} ${JSON.stringify(artifacts)}`).slice(0, 40);
    cpSync(directory, join(this.commits, head), { recursive: true });
    appendFileSync(this.pushes, `${workItem} ${head}\n`);
    return { head, codeTree: 'base', artifacts, changed: artifacts.length > 0 };
  }

  async fileAt(_repo, commit, path) {
    const file = join(this.commits, commit, path);
    return existsSync(file) ? readFileSync(file, 'utf8') : null;
  }

  async fileOnDefaultBranch() {
    return null;
  }

  async filesAt(_repo, commit, directory) {
    return filesBelow(join(this.commits, commit, directory)).map((path) => join(directory, path));
  }

  async branchState() {
    return null;
  }

  async stateOf(_repo, commit) {
    return { head: commit, codeTree: 'base' };
  }

  async remove({ workItem }) {
    rmSync(join(this.worktrees, workItem), { recursive: true, force: true });
  }
}

function filesBelow(directory) {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(directory.length + 1))
    .sort();
}

function digestOf(content) {
  return createHash('sha256').update(content).digest('hex');
}

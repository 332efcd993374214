import { createHash } from 'node:crypto';
import { GitUnavailable } from '../worktrees.js';
import type { Mirror } from './mirror.js';

const REMEMBERED_MAX = 1_000;

interface Entry {
  readonly mode: string;
  readonly name: string;
  /** Hexadecimal. */
  readonly id: string;
  /** As it stands in the tree; a file name need not be UTF-8. */
  readonly bytes: Buffer;
}

/**
 * The tree of a commit without `docs/work-items`: the hash that git would give it, so that the same code has the same one whatever the
 * folder held, and whether or not it was there.
 */
export class CodeTrees {
  private readonly known = new Map<string, string>();

  constructor(private readonly mirror: Mirror) {}

  async of(commit: string): Promise<string> {
    const known = this.known.get(commit);
    if (known !== undefined) return known;
    const tree = await this.without(`${commit}^{tree}`, ['docs', 'work-items']);
    if (this.known.size >= REMEMBERED_MAX) this.known.clear();
    this.known.set(commit, tree);
    return tree;
  }

  private async without(tree: string, path: readonly string[]): Promise<string> {
    const object = await this.mirror.read(tree);
    if (object?.type !== 'tree') throw new GitUnavailable(`${this.mirror.source.repo} has no tree ${tree}`);
    const [name, ...below] = path;
    const entries = entriesOf(object.bytes, object.id.length / 2);
    const kept = entries.map(async (entry) => {
      if (entry.name !== name) return entry.bytes;
      if (below.length === 0) return Buffer.alloc(0);
      return entry.mode === '40000' ? this.shrunk(entry, below) : entry.bytes;
    });
    return hashOf(Buffer.concat(await Promise.all(kept)), object.id.length);
  }

  /** A folder that holds nothing else counts as no folder. */
  private async shrunk(entry: Entry, path: readonly string[]): Promise<Buffer> {
    const id = await this.without(entry.id, path);
    if (id === hashOf(Buffer.alloc(0), id.length)) return Buffer.alloc(0);
    return Buffer.concat([Buffer.from(`${entry.mode} ${entry.name}\0`), Buffer.from(id, 'hex')]);
  }
}

/** `<mode> <name>`, a zero byte, the id in bytes; again and again. */
function entriesOf(tree: Buffer, idBytes: number): Entry[] {
  const entries: Entry[] = [];
  for (let start = 0; start < tree.length;) {
    const [space, zero] = [tree.indexOf(0x20, start), tree.indexOf(0, start)];
    const end = zero + 1 + idBytes;
    entries.push({
      mode: tree.toString('latin1', start, space),
      name: tree.toString('utf8', space + 1, zero),
      id: tree.toString('hex', zero + 1, end),
      bytes: tree.subarray(start, end),
    });
    start = end;
  }
  return entries;
}

function hashOf(tree: Buffer, idLength: number): string {
  const hash = createHash(idLength === 40 ? 'sha1' : 'sha256');
  return hash.update(`tree ${tree.length}\0`).update(tree).digest('hex');
}

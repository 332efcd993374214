import type { Mirror } from './mirror.js';

const REMEMBERED_MAX = 1_000;

/**
 * The tree of a commit without `docs/work-items`. Built from the entries that git lists, so that the same code gives the
 * same hash whatever the folder held, and whether or not it was there.
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
    const [name, ...below] = path;
    const entries = (await this.mirror.run(['ls-tree', '-z', tree])).bytes;
    const rest = splitEntries(entries).filter((entry) => nameOf(entry) !== name);
    const removed = splitEntries(entries).find((entry) => nameOf(entry) === name);
    if (removed !== undefined && below.length > 0 && isTree(removed)) {
      const smaller = await this.without(objectOf(removed), below);
      if (smaller !== (await this.emptyTree())) rest.push(Buffer.from(`040000 tree ${smaller}\t${name}`));
    } else if (removed !== undefined && below.length > 0) {
      rest.push(removed);
    }
    return this.write(rest);
  }

  private emptyTree(): Promise<string> {
    return this.write([]);
  }

  private write(entries: readonly Buffer[]): Promise<string> {
    const input = Buffer.concat(entries.flatMap((entry) => [entry, Buffer.from([0])]));
    return this.mirror.line(['mktree', '-z', '--missing'], { input });
  }
}

/** Bytes, not text: a file name need not be UTF-8. */
function splitEntries(listing: Uint8Array): Buffer[] {
  const bytes = Buffer.from(listing);
  const entries: Buffer[] = [];
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(0, start);
    entries.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return entries;
}

function nameOf(entry: Buffer): string {
  return entry.subarray(entry.indexOf(0x09) + 1).toString('utf8');
}

function isTree(entry: Buffer): boolean {
  return entry.toString('latin1').startsWith('040000 tree ');
}

function objectOf(entry: Buffer): string {
  return entry.subarray(0, entry.indexOf(0x09)).toString('latin1').split(' ')[2] ?? '';
}

import type { Mirror } from '../mirror.js';

export interface NewBlob {
  readonly path: string;
  readonly text: string;
}

/** Credentials stand in texts that people write; what is larger is data, and is not read. */
const BYTES_MAX = 1024 * 1024;

/** Every text that a push of `head` would bring to the forge for the first time, whichever commit it stands in. */
export async function newBlobs(mirror: Mirror, head: string): Promise<readonly NewBlob[]> {
  const listing = await mirror.run(['rev-list', '--objects', head, '--not', '--remotes=origin']);
  const paths = new Map(listing.text.split('\n').flatMap(namedObject));
  if (paths.size === 0) return [];
  const sizes = await mirror.run(['cat-file', '--batch-check'], { input: lines(paths.keys()) });
  const texts = sizes.text.split('\n').filter(isSmallBlob).map(objectId);
  if (texts.length === 0) return [];
  const { bytes } = await mirror.run(['cat-file', '--batch'], { input: lines(texts) });
  return [...contentsIn(bytes)].flatMap(([id, content]) => {
    if (content.includes(0)) return [];
    return [{ path: paths.get(id) ?? id, text: Buffer.from(content).toString('utf8') }];
  });
}

/** Commits come without a path. */
function namedObject(line: string): [string, string][] {
  const space = line.indexOf(' ');
  const path = line.slice(space + 1);
  return space === -1 || path === '' ? [] : [[line.slice(0, space), path]];
}

function isSmallBlob(line: string): boolean {
  const [, type, size] = line.split(' ');
  return type === 'blob' && Number(size) <= BYTES_MAX;
}

function objectId(line: string): string {
  return line.slice(0, line.indexOf(' '));
}

function lines(ids: Iterable<string>): string {
  return [...ids].map((id) => `${id}\n`).join('');
}

/** `<id> blob <size>`, a line feed, the content, a line feed; again and again. */
function* contentsIn(bytes: Uint8Array): Generator<[string, Uint8Array]> {
  const buffer = Buffer.from(bytes);
  for (let start = 0; start < buffer.length;) {
    const headEnd = buffer.indexOf('\n', start);
    const [id = '', , size = '0'] = buffer.toString('utf8', start, headEnd).split(' ');
    const contentEnd = headEnd + 1 + Number(size);
    yield [id, buffer.subarray(headEnd + 1, contentEnd)];
    start = contentEnd + 1;
  }
}

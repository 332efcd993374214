import { parseDocument } from 'yaml';

const BYTES_MAX = 64 * 1024;

export type Frontmatter =
  | { readonly kind: 'read'; readonly values: Readonly<Record<string, unknown>> }
  | { readonly kind: 'unreadable'; readonly reason: string };

/**
 * Only a leading `---` block, strictly: duplicate keys and anything that YAML complains of are errors. The body is never
 * looked at (INV-08), because a verdict quoted there has passed for one before.
 */
export function readFrontmatter(text: string): Frontmatter {
  if (Buffer.byteLength(text) > BYTES_MAX) return unreadable(`larger than ${BYTES_MAX} bytes`);
  const block = /^---\r?\n([\s\S]*?)\r?\n---(?:\r?\n|$)/.exec(text.replace(/^\uFEFF/, ''))?.[1];
  return block === undefined ? unreadable('no leading --- block') : readBlock(block);
}

function readBlock(block: string): Frontmatter {
  const document = parseDocument(block, { uniqueKeys: true, schema: 'core', strict: true });
  const [problem] = [...document.errors, ...document.warnings];
  if (problem) return unreadable(problem.message.split('\n')[0] ?? 'invalid YAML');
  const values: unknown = document.toJS({ maxAliasCount: 0 });
  const isMap = typeof values === 'object' && values !== null && !Array.isArray(values);
  return isMap ? { kind: 'read', values: values as Record<string, unknown> } : unreadable('not a list of keys');
}

function unreadable(reason: string): Frontmatter {
  return { kind: 'unreadable', reason };
}

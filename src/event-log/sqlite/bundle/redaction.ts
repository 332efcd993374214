/** Keys under which people's words stand. */
const TEXTS: ReadonlySet<string> = new Set([
  ...['title', 'description', 'feedback', 'text', 'reason', 'body', 'detail', 'comment', 'clearsWhen', 'error', 'name'],
]);
const GONE = '[redacted]';

/** The same object with every text that people or agents wrote taken out; numbers, ids, types and times stay. */
export function withoutTexts<T>(value: T): T {
  return redacted(value) as T;
}

function redacted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redacted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, TEXTS.has(key) ? goneIn(inner) : redacted(inner)]),
  );
}

function goneIn(value: unknown): unknown {
  if (typeof value === 'string') return GONE;
  if (Array.isArray(value)) return value.map(goneIn);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, goneIn(inner)]));
}

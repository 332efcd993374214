/** Reads JSON that nobody vouches for: what is missing or of another type is null, never an exception. */
export function valueIn(body: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((at, key) => (isRecord(at) ? at[key] : undefined), body);
}

/** Null also for the empty text, which both systems send where they mean "none". */
export function textIn(body: unknown, ...path: readonly string[]): string | null {
  const value = valueIn(body, ...path);
  return typeof value === 'string' && value !== '' ? value : null;
}

export function numberIn(body: unknown, ...path: readonly string[]): number | null {
  const value = valueIn(body, ...path);
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

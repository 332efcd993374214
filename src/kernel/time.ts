/* eslint-disable no-restricted-globals -- `Date` only converts here; reading the time is what the pure zones may not do */

/** UTC, ISO-8601 with milliseconds (UNK-50). */
export function toIso(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

/** `NaN` for what is not a time. */
export function fromIso(iso: string): number {
  return Date.parse(iso);
}

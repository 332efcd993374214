import type { Json } from './json.js';

/** An expected "no": a value, not an exception. The sentence is a lower-case clause: `merge lease is held`. */
export class Refused {
  constructor(
    readonly code: string,
    readonly sentence: string,
    readonly facts: { readonly [key: string]: Json } = {},
  ) {}
}

export function isRefused(value: unknown): value is Refused {
  return value instanceof Refused;
}

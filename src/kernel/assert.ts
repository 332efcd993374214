/** A fault, never a refusal: what the code takes for granted is not so. */
export class AssertionFailed extends Error {
  constructor(what: string) {
    super(`Taken for granted, but not so: ${what}`);
    this.name = 'AssertionFailed';
  }
}

export function assert(condition: unknown, what: string): asserts condition {
  if (!condition) throw new AssertionFailed(what);
}

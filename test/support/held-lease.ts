import type { StreamPin } from '../../src/kernel/command.js';
import { HeldLease } from '../../src/kernel/pipeline/held-lease.js';

/** A lease that a test says it holds, of which nobody else is told. */
class LeaseOfTheTest extends HeldLease {
  readonly pins: readonly StreamPin[] = [];

  constructor(repo: string) {
    super(repo, 0);
  }

  assertHeld(): void {
    // A test holds it for as long as it likes.
  }

  confirm(): Promise<void> {
    return Promise.resolve();
  }
}

export function heldLease(repo: string): HeldLease {
  return new LeaseOfTheTest(repo);
}

import type { StreamPin } from '../command.js';

/**
 * The proof that its bearer holds the merge lease of a repository; whatever changes a forge's branches asks for it. The private
 * field makes the class nominal: no other object passes for one, and only `effects/merge-lease` extends it (an architecture test).
 */
export abstract class HeldLease {
  readonly #repo: string;

  protected constructor(
    repo: string,
    /** Revision of the `MergeLeaseGranted` in the lease's stream. */
    readonly fence: number,
  ) {
    this.#repo = repo;
  }

  get repo(): string {
    return this.#repo;
  }

  /** Throws when the lease is of another repository, is lost, or may have run out: then nothing may be started any more. */
  abstract assertHeld(repo: string): void;

  /** For the append of an outcome: when the lease's stream is elsewhere by then, nothing is recorded. */
  abstract get pins(): readonly StreamPin[];

  /** Asks the lease's stream once more; throws when somebody else was let in. */
  abstract confirm(): Promise<void>;
}

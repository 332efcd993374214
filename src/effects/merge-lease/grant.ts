import { setTimeout as delay } from 'node:timers/promises';
import { type MergeLeaseCommand, RenewMergeLease } from '../../domain/merge-lease/commands.js';
import type { MergeLeaseEvent } from '../../domain/merge-lease/events.js';
import type { Answer } from '../../kernel/answer.js';
import { assert } from '../../kernel/assert.js';
import type { Clock } from '../../kernel/clock.js';
import type { CommandContext, StreamPin } from '../../kernel/command.js';
import type { Recorded } from '../../kernel/event.js';
import { HeldLease } from '../../kernel/pipeline/held-lease.js';
import { isRefused } from '../../kernel/refused.js';
import { fromIso } from '../../kernel/time.js';

/** Where the lease of one repository is asked for. */
export interface LeaseDesk {
  readonly repo: string;
  readonly clock: Clock;
  readonly ttlMs: number;
  send(make: (context: CommandContext) => MergeLeaseCommand): Promise<Answer>;
}

export function leaseStreamOf(repo: string): string {
  return `merge-lease-${repo}`;
}

/** Somebody else may hold it by now: what was begun under it is given up, and begun anew once it is held again. */
export class MergeLeaseLost extends Error {
  constructor(repo: string, why: string) {
    super(`The merge lease of ${repo} is lost: ${why}`);
    this.name = 'MergeLeaseLost';
  }
}

/** Renewed three times in the time it lives, so that one renewal may fail. */
const RENEWALS_PER_TTL = 3;

/** One grant of a lease, as its holder knows it. Only the keeper makes one, out of the answer of the lease's stream. */
export class Grant extends HeldLease {
  private readonly lost = new AbortController();
  private revision: number;
  private expiresAt: string;

  private constructor(
    private readonly desk: LeaseDesk,
    fence: number,
    newest: Recorded<Extract<MergeLeaseEvent, { type: 'MergeLeaseGranted' | 'MergeLeaseRenewed' }>>,
  ) {
    super(desk.repo, fence);
    this.revision = newest.revision;
    this.expiresAt = newest.data.expiresAt;
  }

  static outOf(events: readonly Recorded<MergeLeaseEvent>[], desk: LeaseDesk): Grant {
    const newest = events.at(-1);
    assert(newest !== undefined, 'a lease that was taken says so');
    if (newest.type === 'MergeLeaseGranted') return new Grant(desk, newest.revision, newest);
    assert(newest.type === 'MergeLeaseRenewed', 'a lease is granted, or renewed for the one who holds it');
    return new Grant(desk, newest.data.fence, newest);
  }

  get pins(): readonly StreamPin[] {
    return [{ stream: leaseStreamOf(this.repo), expected: this.revision }];
  }

  assertHeld(repo: string): void {
    assert(repo === this.repo, `the merge lease of ${this.repo} is of no use in ${repo}`);
    this.lost.signal.throwIfAborted();
    if (this.desk.clock.now() >= fromIso(this.expiresAt)) {
      throw new MergeLeaseLost(this.repo, `it ran out at ${this.expiresAt} and could not be renewed`);
    }
  }

  async confirm(): Promise<void> {
    const wish = { fence: this.fence };
    const answer = await this.desk.send((context) => new RenewMergeLease(leaseStreamOf(this.repo), wish, context));
    if (isRefused(answer)) {
      this.lost.abort(new MergeLeaseLost(this.repo, answer.sentence));
    } else {
      const renewed = answer.events.at(-1) as Recorded<Extract<MergeLeaseEvent, { type: 'MergeLeaseRenewed' }>>;
      this.revision = renewed.revision;
      this.expiresAt = renewed.data.expiresAt;
    }
    this.lost.signal.throwIfAborted();
  }

  /** Has the work done while the lease is renewed; a lease that is lost ends the work. */
  async renewedWhile<T>(
    work: (lease: HeldLease, signal: AbortSignal) => Promise<T>,
    stopping: AbortSignal,
  ): Promise<T> {
    const done = new AbortController();
    const renewing = this.keepRenewing(done.signal);
    try {
      return await work(this, AbortSignal.any([stopping, this.lost.signal]));
    } finally {
      done.abort();
      await renewing;
    }
  }

  /** A log that cannot be reached is asked again in the next turn; meanwhile the expiry speaks for itself. */
  private async keepRenewing(done: AbortSignal): Promise<void> {
    const everyMs = this.desk.ttlMs / RENEWALS_PER_TTL;
    while (!done.aborted && !this.lost.signal.aborted) {
      await delay(everyMs, undefined, { signal: done, ref: false }).catch(() => undefined);
      if (!done.aborted) await this.confirm().catch(() => undefined);
    }
  }
}

import { toIso } from '../time.js';

/** What `/queue` says of a system outside. */
export interface AvailabilityBlock {
  /** Null while it answers. */
  readonly failing_since: string | null;
  readonly failures: number;
  readonly last_error: string | null;
  /** It is not asked before. */
  readonly backing_off_until: string | null;
}

/** One failed call may be an accident; so many in a row are not. */
const OUTAGE_FAILURES = 3;
const BACKOFF_MS_MIN = 1_000;
const BACKOFF_MS_MAX = 30_000;

/**
 * Whether one system outside answers, as this process sees it. All callers share it: a system that is down is asked by one of them now and then,
 * and not by each at its own pace.
 */
export class Availability {
  private failures = 0;
  private outages = 0;
  private failingSince: number | null = null;
  private lastError: string | null = null;
  private closedUntil = 0;

  /** 0: it may be asked. */
  closedForMs(nowMs: number): number {
    return Math.max(0, this.closedUntil - nowMs);
  }

  answered(): void {
    [this.failures, this.outages, this.failingSince, this.lastError, this.closedUntil] = [0, 0, null, null, 0];
  }

  /** It answered, but not as it should: that is shown, and it is asked on. */
  failed(reason: string, nowMs: number): void {
    this.failures += 1;
    this.failingSince ??= nowMs;
    this.lastError = reason;
  }

  /** It gave no answer, or one that says that it is not there. */
  unreachable(reason: string, nowMs: number): void {
    this.failed(reason, nowMs);
    this.outages += 1;
    if (this.outages < OUTAGE_FAILURES) return;
    const pauseMs = Math.min(BACKOFF_MS_MAX, BACKOFF_MS_MIN * 2 ** (this.outages - OUTAGE_FAILURES));
    this.closedUntil = Math.max(this.closedUntil, nowMs + pauseMs);
  }

  /** It said itself when to come back (429, 503 with `Retry-After`). */
  askedToWait(reason: string, retryAfterMs: number, nowMs: number): void {
    this.failed(reason, nowMs);
    this.closedUntil = Math.max(this.closedUntil, nowMs + retryAfterMs);
  }

  block(nowMs: number): AvailabilityBlock {
    return {
      failing_since: this.failingSince === null ? null : toIso(this.failingSince),
      failures: this.failures,
      last_error: this.lastError,
      backing_off_until: this.closedForMs(nowMs) === 0 ? null : toIso(this.closedUntil),
    };
  }
}

import type { Clock } from '../../kernel/clock.js';

/**
 * What acts on behalf of a person or a task (gestures, statuses) goes before what looks around for gestures, that before comments,
 * and what a run cost is told last.
 */
export type Urgency = 'acting' | 'looking' | 'telling' | 'reporting';

/** This part of the budget is left to what is more urgent. */
const RESERVED: Readonly<Record<Urgency, number>> = { acting: 0, looking: 0.2, telling: 0.4, reporting: 0.6 };
const WINDOW_MS = 60_000;

/**
 * Calls a minute, in a sliding window like Plane's own, so that we slow down before we are refused. Answers how long to
 * wait; the caller decides whether that is worth it.
 */
export class CallBudget {
  private readonly calls: number[] = [];
  private closedUntil = 0;

  constructor(
    private readonly perMinute: number,
    private readonly clock: Clock,
  ) {}

  /** 0: the call is booked and may be made. Otherwise the milliseconds after which to ask again. */
  take(urgency: Urgency): number {
    const now = this.clock.now();
    if (now < this.closedUntil) return this.closedUntil - now;
    while (this.calls.length > 0 && this.calls[0]! <= now - WINDOW_MS) this.calls.shift();
    const allowed = this.allowanceOf(urgency);
    const blocking = this.calls[this.calls.length - allowed];
    if (blocking !== undefined) return blocking + WINDOW_MS - now;
    this.calls.push(now);
    return 0;
  }

  /** The tracker itself said when to come back; other clients may use the same key. */
  closeFor(ms: number): void {
    this.closedUntil = Math.max(this.closedUntil, this.clock.now() + ms);
  }

  private allowanceOf(urgency: Urgency): number {
    return Math.max(1, Math.floor(this.perMinute * (1 - RESERVED[urgency])));
  }
}

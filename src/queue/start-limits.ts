import type { BreakerEvent } from '../domain/breaker/events.js';
import type { BudgetEvent } from '../domain/budget/events.js';
import { isReached } from '../domain/budget/limits.js';
import type { JobEvent } from '../domain/job/events.js';
import type { Recorded } from '../kernel/event.js';
import type { Policy } from '../kernel/pipeline/policy.js';
import { fromIso, toIso } from '../kernel/time.js';
import type { BreakerRow } from '../projections/breaker/breaker.js';
import type { BudgetRow } from '../projections/budget/budgets.js';

export const LIMIT_EVENTS = ['CostBooked', 'BreakerOpened', 'AgentsParked', 'BreakerClosed'] as const;

type Heard = Recorded<BudgetEvent | BreakerEvent | JobEvent>;
type Limits = Pick<Policy, 'budget'> & { readonly jobs: Pick<Policy['jobs'], 'breakerProbeS'> };

const DAY_MS = 24 * 3_600_000;

/** What keeps agents from starting whatever the board says: spent budgets, a usage limit, and the breaker with its probe. */
export class StartLimits {
  private readonly days = new Map<string, number | null>();
  private readonly tasks = new Map<string, number | null>();
  private parkedUntilMs = 0;
  /** Null: closed. */
  private openUntilMs: number | null = null;
  /** The job that was let through while the breaker is open. */
  private probe: number | null = null;

  constructor(private readonly policy: Limits) {}

  loadBudget({ scope, purse, total_usd }: BudgetRow): void {
    (scope === 'day' ? this.days : this.tasks).set(purse, total_usd);
  }

  /** `probe` is a job that runs since the breaker was opened. */
  loadBreaker({ parked_until, open_until }: BreakerRow, probe: number | null): void {
    this.parkedUntilMs = parked_until === null ? 0 : fromIso(parked_until);
    this.openUntilMs = open_until === null ? null : fromIso(open_until);
    this.probe = probe;
  }

  apply(event: Heard, nowMs: number): void {
    switch (event.type) {
      case 'CostBooked':
        return void (event.data.scope === 'day' ? this.days : this.tasks).set(event.data.key, event.data.totalUsd);
      case 'BreakerOpened':
        this.openUntilMs = fromIso(event.data.until);
        return;
      case 'AgentsParked':
        this.parkedUntilMs = fromIso(event.data.until);
        return;
      case 'BreakerClosed':
        this.openUntilMs = null;
        this.probe = null;
        return;
      default:
        return this.applyEnd(event, nowMs);
    }
  }

  /** Whether any agent may start now. */
  allows(nowMs: number): boolean {
    if (this.isDaySpent(nowMs) || nowMs < this.parkedUntilMs) return false;
    return this.openUntilMs === null || (nowMs >= this.openUntilMs && this.probe === null);
  }

  /** Whether the work item has used up its own budget. */
  isSpent(workItem: string | null): boolean {
    return workItem !== null && isReached('task', this.tasks.get(workItem) ?? null, this.policy.budget);
  }

  started(jobId: number): void {
    if (this.openUntilMs !== null) this.probe = jobId;
  }

  notStarted(jobId: number): void {
    if (this.probe === jobId) this.probe = null;
  }

  /** When time alone makes a difference next; null when it makes none. */
  nextAt(nowMs: number): number | null {
    const ends = [this.parkedUntilMs, this.openUntilMs ?? 0];
    if (this.isDaySpent(nowMs)) ends.push((Math.floor(nowMs / DAY_MS) + 1) * DAY_MS);
    const later = ends.filter((end) => end > nowMs);
    return later.length === 0 ? null : Math.min(...later);
  }

  private isDaySpent(nowMs: number): boolean {
    return isReached('day', this.days.get(toIso(nowMs).slice(0, 10)) ?? null, this.policy.budget);
  }

  /** What the end of a probe means is on its way as an event of the breaker; until then nobody else goes. */
  private applyEnd(event: Heard, nowMs: number): void {
    const hasEnded = ['JobSucceeded', 'JobRequeued', 'JobFailed', 'JobCancelled'].includes(event.type);
    if (!hasEnded || !('jobId' in event.data) || event.data.jobId !== this.probe) return;
    this.probe = null;
    this.openUntilMs = nowMs + this.policy.jobs.breakerProbeS * 1000;
  }
}

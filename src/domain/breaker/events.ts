import type { DomainEvent } from '../../kernel/event.js';

interface Ended {
  readonly jobId: number;
  readonly runId: string;
}

/** An agent failed for a reason that lies outside the work; so many in a row. */
export type AgentFailureCounted = DomainEvent<
  'AgentFailureCounted',
  Ended & { readonly reason: string; readonly consecutive: number }
>;

/** No agent starts before `until`; then one at a time does, until one ends otherwise. */
export type BreakerOpened = DomainEvent<
  'BreakerOpened',
  Ended & { readonly reason: string; readonly consecutive: number; readonly until: string }
>;

/** A usage limit: no agent starts before its reset. */
export type AgentsParked = DomainEvent<'AgentsParked', Ended & { readonly reason: string; readonly until: string }>;

/** An agent answered; the count is 0 again. */
export type BreakerClosed = DomainEvent<'BreakerClosed', Ended & { readonly consecutive: number }>;

export type BreakerEvent = AgentFailureCounted | BreakerOpened | AgentsParked | BreakerClosed;

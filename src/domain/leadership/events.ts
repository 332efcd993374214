import type { DomainEvent } from '../../kernel/event.js';

/** From here on this orchestrator decides claims, reaps and ticks. Its term is the revision of this event, and the fence of all it writes. */
export type LeadTaken = DomainEvent<
  'LeadTaken',
  {
    readonly holder: string;
    readonly host: string;
    /** Whose silence was the reason; null where nobody led. */
    readonly from: string | null;
  }
>;

/** Left in good order: the next one need not wait. */
export type LeadResigned = DomainEvent<'LeadResigned', { readonly holder: string; readonly term: number }>;

export type LeadershipEvent = LeadTaken | LeadResigned;

import type { HeldLease } from '../../kernel/pipeline/held-lease.js';
import { type Outcome, OutcomeOvertaken } from '../effect.js';

/**
 * Reports only as long as the lease is held: the append is refused when the lease's stream has moved on. If that was our own
 * renewal, the report is made again; if somebody else was let in, nothing is recorded and the effect fails.
 */
export function fencedBy(lease: HeldLease, outcome: Outcome): Outcome {
  return {
    report: async (type, stream, payload, context) => {
      for (;;) {
        try {
          return await outcome.report(type, stream, payload, { ...context, pins: lease.pins });
        } catch (error) {
          if (!(error instanceof OutcomeOvertaken)) throw error;
          await lease.confirm();
        }
      }
    },
  };
}

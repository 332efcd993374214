import type { Position, RecordedEvent } from './event.js';
import type { Refused } from './refused.js';

/** The command was decided and its events, possibly none, are in the log. */
export interface Accepted {
  readonly events: readonly RecordedEvent[];
  /** A read that has seen this position has seen the command; null when nothing changed. */
  readonly position: Position | null;
}

export type Answer = Accepted | Refused;

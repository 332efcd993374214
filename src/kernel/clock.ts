/** The one source of time. Whoever needs the time asks it or is told. */
export interface Clock {
  /** Milliseconds since the epoch, UTC. */
  now(): number;
}

export const CLOCK = Symbol('Clock');

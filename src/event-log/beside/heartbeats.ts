import type { Position } from '../../kernel/event.js';

/** A sign of life of whoever leads. No event: it says nothing that has to be remembered. */
export interface Heartbeat {
  readonly holder: string;
  readonly term: number;
  /** Rises with every beat of one holder. */
  readonly count: number;
  /** Everything up to here has been handled by every saga, so whoever takes over need not begin earlier. */
  readonly handled: Position;
}

/** Kept beside the log, so that everybody who shares the log sees them. */
export interface Heartbeats {
  beat(heartbeat: Heartbeat): Promise<void>;
  /** Null where nobody ever led. */
  last(): Promise<Heartbeat | null>;
}

export const HEARTBEATS = Symbol('Heartbeats');

export class InMemoryHeartbeats implements Heartbeats {
  private heartbeat: Heartbeat | null = null;

  async beat(heartbeat: Heartbeat): Promise<void> {
    this.heartbeat = heartbeat;
  }

  async last(): Promise<Heartbeat | null> {
    return this.heartbeat;
  }
}

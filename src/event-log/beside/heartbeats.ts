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

/** A sign of life of a host on which agents may run, the leader's own among them. */
export interface HostSign {
  /** Of the orchestrator on it, as a claim names it. */
  readonly name: string;
  readonly host: string;
  /** How many agents may run there at once; 0: none any more. */
  readonly slots: number;
  /** With the count, unlike that of every sign before. */
  readonly session: string;
  readonly count: number;
  /** What its last look found of every run that is claimed for it, by run id. */
  readonly runs: Readonly<Record<string, object>>;
}

/** Kept beside the log, so that everybody who shares the log sees them. */
export interface Heartbeats {
  beat(heartbeat: Heartbeat): Promise<void>;
  /** Null where nobody ever led. */
  last(): Promise<Heartbeat | null>;
  appear(sign: HostSign): Promise<void>;
  /** The newest sign of every host that was heard of lately. */
  hosts(): Promise<readonly HostSign[]>;
}

export const HEARTBEATS = Symbol('Heartbeats');

export class InMemoryHeartbeats implements Heartbeats {
  private heartbeat: Heartbeat | null = null;
  private readonly signs = new Map<string, HostSign>();

  async beat(heartbeat: Heartbeat): Promise<void> {
    this.heartbeat = heartbeat;
  }

  async last(): Promise<Heartbeat | null> {
    return this.heartbeat;
  }

  async appear(sign: HostSign): Promise<void> {
    this.signs.set(sign.name, sign);
  }

  async hosts(): Promise<readonly HostSign[]> {
    return [...this.signs.values()];
  }
}

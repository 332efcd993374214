import { Availability } from './outside/availability.js';

/** Who decides for all that share the log, as far as this process has heard. */
export interface LeadInSight {
  readonly holder: string;
  readonly host: string;
  readonly term: number;
  readonly since: string;
  /** Whether it is this process. */
  readonly isOurs: boolean;
}

/** A host to which whoever leads can give jobs. */
export interface HostInSight {
  readonly name: string;
  readonly slots: number;
}

/** What the background parts of this process have done since it started; filled by them, shown in `/queue`. */
export class BackgroundStats {
  /** Whether the systems outside answer; filled by whoever asks them. */
  readonly systems = { plane: new Availability(), gitea: new Availability() };

  /** Null until it is known, and while nobody leads. */
  lead: LeadInSight | null = null;
  /** For how long the lead is held when nothing more is heard: by its holder, or until this process may take it. */
  leadHeldMs: () => number | null = () => null;
  /** Known to whoever leads. */
  hosts: () => readonly HostInSight[] = () => [];

  readonly reconcile = {
    lastRunAt: null as string | null,
  };

  readonly reaper = {
    lastRunAt: null as string | null,
    reapedTotal: 0,
    reapedByOutcome: { done: 0, queued: 0, failed: 0, cancelled: 0 },
    lastReaped: null as {
      readonly jobId: number;
      readonly agent: string;
      readonly outcome: 'done' | 'queued' | 'failed' | 'cancelled';
    } | null,
    leaseReclaimedTotal: 0,
  };
}

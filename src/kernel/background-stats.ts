import { Availability } from './outside/availability.js';

/** What the background parts of this process have done since it started; filled by them, shown in `/queue`. */
export class BackgroundStats {
  /** Whether the systems outside answer; filled by whoever asks them. */
  readonly systems = { plane: new Availability(), gitea: new Availability() };

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

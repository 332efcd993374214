/** What the background parts of this process have done since it started; filled by them, shown in `/queue`. */
export class BackgroundStats {
  readonly reconcile = {
    lastRunAt: null as string | null,
    unblockedTotal: 0,
    lastUnblocked: null as string | null,
  };

  readonly reaper = {
    lastRunAt: null as string | null,
    reapedTotal: 0,
    lastReaped: null as { readonly jobId: number; readonly agent: string; readonly outcome: string } | null,
    leaseReclaimedTotal: 0,
  };
}

import { Logger } from '@nestjs/common';
import type { CommandBus } from '@nestjs/cqrs';
import { randomUUID } from 'node:crypto';
import { ReclaimMergeLease } from '../../domain/merge-lease/commands.js';
import type { Answer } from '../../kernel/answer.js';
import type { BackgroundStats } from '../../kernel/background-stats.js';
import type { Clock } from '../../kernel/clock.js';
import { isInMergeGate, type Policy } from '../../kernel/pipeline/policy.js';
import { isRefused } from '../../kernel/refused.js';
import { toIso } from '../../kernel/time.js';
import type { MergeLeaseRow } from '../../projections/merge-lease/merge-leases.js';
import type { Work } from '../../projections/work.js';
import { leaseStreamOf } from './grant.js';
import { livenessOf } from './this-instance.js';

export interface SweepWorld {
  readonly work: Pick<Work, 'mergeLeases'>;
  readonly commands: CommandBus;
  readonly clock: Clock;
  readonly policy: Policy;
  readonly stats: BackgroundStats;
}

/** Looks after the holders of merge leases: a dead one, or one that ran out, is not waited for. Deletes nothing but the hold (MG-21). */
export class LeaseSweep {
  private readonly logger = new Logger('merge_lease');

  constructor(private readonly world: SweepWorld) {}

  /** MG-18, MG-37: what the last start left held is free before merge work is taken up again. */
  async atStart(): Promise<void> {
    const reclaimed = await this.sweep().catch((error: unknown) => {
      this.logger.warn(`Startup lease-reclaim skipped: ${(error as Error).message}`);
      return 0;
    });
    if (reclaimed > 0) this.logger.warn(`Startup lease-reclaim: reclaimed ${reclaimed} stale merge-lease(s)`);
  }

  /** How many were reclaimed; one repository in trouble does not stop the rest (MG-28). */
  async sweep(): Promise<number> {
    const { work, policy } = this.world;
    if (!policy.reaper.leaseReclaimEnabled) return 0;
    let reclaimed = 0;
    for (const lease of await work.mergeLeases()) {
      if (!isInMergeGate(policy, lease.repo)) continue;
      if (await this.reclaim(lease).catch((error: unknown) => this.passOver(lease, error))) reclaimed += 1;
    }
    this.world.stats.reaper.leaseReclaimedTotal += reclaimed;
    return reclaimed;
  }

  /** The row only nominates; the lease's stream decides, about exactly the grant that was looked at. */
  private async reclaim({ repo, fence, work_item_id: workItem, ...holder }: MergeLeaseRow): Promise<boolean> {
    const process = livenessOf({ pid: holder.pid, startTicks: holder.start_ticks, bootId: holder.boot_id });
    const context = {
      ...{ commandId: randomUUID(), at: toIso(this.world.clock.now()), actor: 'policy:reaper' },
      ...{ correlationId: workItem, causationId: null },
    };
    const wish = new ReclaimMergeLease(leaseStreamOf(repo), { fence, process }, context);
    const answer: Answer = await this.world.commands.execute(wish);
    return !isRefused(answer) && answer.events.length > 0;
  }

  private passOver({ repo }: MergeLeaseRow, error: unknown): false {
    this.logger.warn(`the merge lease of ${repo} cannot be looked at: ${(error as Error).message}`);
    return false;
  }
}

import { Logger } from '@nestjs/common';
import type { CommandBus } from '@nestjs/cqrs';
import { bulkhead, type BulkheadPolicy } from 'cockatiel';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { AcquireMergeLease, type MergeLeaseCommand, ReleaseMergeLease } from '../../domain/merge-lease/commands.js';
import type { LeaseHolder, LeaseInstance, MergeLeaseEvent } from '../../domain/merge-lease/events.js';
import type { Answer } from '../../kernel/answer.js';
import type { Clock } from '../../kernel/clock.js';
import type { CommandContext } from '../../kernel/command.js';
import type { Recorded } from '../../kernel/event.js';
import type { HeldLease } from '../../kernel/pipeline/held-lease.js';
import type { Policy } from '../../kernel/pipeline/policy.js';
import { isRefused } from '../../kernel/refused.js';
import { toIso } from '../../kernel/time.js';
import { Grant, leaseStreamOf, type LeaseDesk } from './grant.js';
import { thisInstance } from './this-instance.js';

export interface LeaseWorld {
  readonly commands: CommandBus;
  readonly clock: Clock;
  readonly policy: Policy;
}

/** Who wants the lease of which repository, and because of which event. */
export interface LeaseKey extends LeaseHolder {
  readonly repo: string;
  readonly causedBy: string;
}

const LOOK_AGAIN_MS = 1_000;

/**
 * The keeper of the merge leases: takes one, has the work done while it renews it, and gives it back. Waiting is in turn within this
 * process, and by asking again where another process holds it. Not to be nested for one repository.
 */
export class MergeLeases {
  private readonly logger = new Logger('merge_lease');
  private readonly turns = new Map<string, BulkheadPolicy>();

  constructor(
    private readonly world: LeaseWorld,
    private readonly instance: LeaseInstance = thisInstance(),
  ) {}

  /** The signal that the work is given ends it when the lease is lost, or when `stopping` does. */
  whileHolding<T>(
    key: LeaseKey,
    work: (lease: HeldLease, signal: AbortSignal) => Promise<T>,
    stopping: AbortSignal,
  ): Promise<T> {
    return this.turnOf(key.repo).execute(async () => {
      const grant = await this.granted(key, stopping);
      try {
        return await grant.renewedWhile(work, stopping);
      } finally {
        await this.release(key, grant.fence, stopping.aborted ? 'interrupted' : 'done');
      }
    });
  }

  private turnOf(repo: string): BulkheadPolicy {
    const turn = this.turns.get(repo) ?? bulkhead(1, Number.MAX_SAFE_INTEGER);
    this.turns.set(repo, turn);
    return turn;
  }

  private async granted(key: LeaseKey, stopping: AbortSignal): Promise<Grant> {
    const { repo, branch, workItem, taskId } = key;
    const wish = { repo, branch, workItem, taskId, instance: this.instance };
    const desk = this.deskOf(key);
    for (;;) {
      stopping.throwIfAborted();
      const answer = await desk.send((context) => new AcquireMergeLease(leaseStreamOf(repo), wish, context));
      if (!isRefused(answer)) return Grant.outOf(answer.events as readonly Recorded<MergeLeaseEvent>[], desk);
      await delay(LOOK_AGAIN_MS, undefined, { signal: stopping });
    }
  }

  /** Never fails (MG-08): what cannot be given back now runs out by itself. */
  private async release(key: LeaseKey, fence: number, reason: string): Promise<void> {
    const wish = { workItem: key.workItem, fence, reason };
    await this.deskOf(key)
      .send((context) => new ReleaseMergeLease(leaseStreamOf(key.repo), wish, context))
      .catch((error: unknown) =>
        this.logger.warn(`the merge lease of ${key.repo} cannot be released: ${String(error)}`),
      );
  }

  private deskOf({ repo, workItem, causedBy }: LeaseKey): LeaseDesk {
    const { commands, clock, policy } = this.world;
    return {
      repo,
      clock,
      ttlMs: policy.merge.lockTimeoutS * 1000,
      send: (make: (context: CommandContext) => MergeLeaseCommand): Promise<Answer> =>
        commands.execute(make(contextAt(clock.now(), workItem, causedBy))),
    };
  }
}

/** Every wish is a new one: to ask for the lease again is not the same as to have asked for it before. */
function contextAt(nowMs: number, workItem: string, causationId: string): CommandContext {
  return { commandId: randomUUID(), at: toIso(nowMs), actor: 'system', correlationId: workItem, causationId };
}

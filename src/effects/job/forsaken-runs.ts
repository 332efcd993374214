import { Logger } from '@nestjs/common';
import type { CommandBus } from '@nestjs/cqrs';
import { randomUUID } from 'node:crypto';
import { AbandonAttempt, ReportRunStopped } from '../../domain/job/commands.js';
import type { JobClaimed } from '../../domain/job/events.js';
import type { EventLog } from '../../event-log/event-log.js';
import type { Answer } from '../../kernel/answer.js';
import type { Clock } from '../../kernel/clock.js';
import type { CommandContext } from '../../kernel/command.js';
import type { RecordedEvent } from '../../kernel/event.js';
import { isRefused } from '../../kernel/refused.js';
import { toIso } from '../../kernel/time.js';
import type { Work } from '../../projections/work.js';
import type { Hosts } from '../../queue/hosts/hosts.js';
import { claimOf } from './claim-of.js';

export interface ForsakenWorld {
  readonly log: EventLog;
  readonly work: Work;
  readonly commands: CommandBus;
  readonly clock: Clock;
  readonly hosts: Pick<Hosts, 'isSilent'>;
}

const STOPS: readonly string[] = ['JobReaped', 'JobCancelled'];

/**
 * Runs whose host is gone: nobody there will say that they are stopped, so whoever leads does. A run that is alive after all changes nothing
 * any more: its fence is old, only its host could push its work, and the next attempt has a worktree of its own.
 */
export class ForsakenRuns {
  private readonly logger = new Logger('job_reaper');

  constructor(private readonly world: ForsakenWorld) {}

  /** Of an attempt that has just been judged. */
  async settle(intent: RecordedEvent, claim: RecordedEvent<JobClaimed>, judged: Answer): Promise<void> {
    if (isRefused(judged)) return;
    const reaped = judged.events.find(({ type }) => type === 'JobReaped');
    if (reaped) return this.stopped(reaped, claim);
    const job = await this.world.work.job(claim.data.jobId);
    if (job?.status === 'running' && job.run_id === claim.data.runId) return;
    // It was over before its host fell silent, which could not say so any more.
    const reason = `${claim.data.worker} is silent`;
    const outcome = { fence: claim.revision, reason, transient: true };
    await this.world.commands.execute(new AbandonAttempt(claim.stream, outcome, this.context(intent)));
  }

  async sweep(): Promise<void> {
    for (const { type, effect_id: id } of await this.world.work.openEffects()) {
      const intent = STOPS.includes(type) ? await this.world.log.readEvent(id) : null;
      const claim = intent && (await claimOf(this.world.log, intent));
      if (claim && this.world.hosts.isSilent(claim.data.worker)) await this.stopped(intent, claim);
    }
  }

  private async stopped(intent: RecordedEvent, { stream, data }: RecordedEvent<JobClaimed>): Promise<void> {
    this.logger.warn(`${stream}: ${data.worker} is silent; its run ${data.runId} is given up`);
    await this.world.commands.execute(new ReportRunStopped(stream, { runId: data.runId }, this.context(intent)));
  }

  private context(cause: RecordedEvent): CommandContext {
    return {
      commandId: randomUUID(),
      at: toIso(this.world.clock.now()),
      actor: 'policy:reaper',
      correlationId: cause.metadata.$correlationId,
      causationId: cause.id,
    };
  }
}

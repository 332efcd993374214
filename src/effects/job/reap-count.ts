import { Logger } from '@nestjs/common';
import type { JobEvent, JobReaped } from '../../domain/job/events.js';
import type { EventLog } from '../../event-log/event-log.js';
import type { BackgroundStats } from '../../kernel/background-stats.js';
import type { Recorded } from '../../kernel/event.js';

const HEARD = ['JobReaped', 'JobSucceeded', 'JobRequeued', 'JobFailed', 'JobCancelled'] as const;
type Heard = Recorded<Extract<JobEvent, { type: (typeof HEARD)[number] }>>;

/** What the reaper did to an attempt; what becomes of the job is decided later, when its process is gone. */
type Reap = Pick<JobReaped['data'], 'jobId' | 'agent' | 'repo' | 'runId' | 'reason'>;

const OUTCOMES = {
  JobSucceeded: 'done',
  JobRequeued: 'queued',
  JobFailed: 'failed',
  JobCancelled: 'cancelled',
} as const;

/** Counts what the reaper's acts came to, from the log, whoever carried them to their end (RP-32, RP-34). */
export class ReapCount {
  private readonly logger = new Logger('job_reaper');
  private readonly open = new Map<number, Reap>();

  constructor(
    private readonly log: EventLog,
    private readonly stats: BackgroundStats['reaper'],
  ) {}

  async follow(signal: AbortSignal): Promise<void> {
    const after = await this.log.head();
    for await (const page of this.log.follow({ after, types: HEARD, signal })) {
      for (const event of page.events as readonly Heard[]) {
        if (event.type === 'JobReaped') this.began(event.data);
        else this.ended(event.data.jobId, OUTCOMES[event.type]);
      }
    }
  }

  began(reap: Reap): void {
    this.open.set(reap.jobId, reap);
  }

  private ended(jobId: number, outcome: (typeof OUTCOMES)[keyof typeof OUTCOMES]): void {
    const reap = this.open.get(jobId);
    if (!reap) return;
    this.open.delete(jobId);
    const { agent, repo, runId, reason } = reap;
    this.stats.reapedTotal += 1;
    this.stats.reapedByOutcome[outcome] += 1;
    this.stats.lastReaped = { jobId, agent, outcome };
    const ids = { job_id: jobId, agent, repo, run_id: runId, outcome };
    this.logger.warn(ids, `job ${jobId} (${agent} in ${repo}) reaped as ${outcome}: ${reason} (run_id=${runId})`);
  }
}

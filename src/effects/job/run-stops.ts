import { join } from 'node:path';
import { ReportRunStopped } from '../../domain/job/commands.js';
import type { JobCancelled, JobReaped } from '../../domain/job/events.js';
import type { RecordedEvent } from '../../kernel/event.js';
import type { Supervisor } from '../../queue/supervisor/supervisor.js';
import type { Effect, Outcome } from '../effect.js';
import { runDirectoryOf } from './runs.js';

type Over = JobCancelled | JobReaped;

/** Stops the process group of a cancelled or reaped attempt and waits until it is gone. */
export class RunStops implements Effect<Over> {
  readonly effectClass = 'conditional';

  constructor(
    readonly intent: Over['type'],
    private readonly supervisor: Supervisor,
    private readonly dataDir: string,
  ) {}

  lane({ data }: RecordedEvent<Over>): string {
    return `stop ${data.runId}`;
  }

  async act({ stream, data }: RecordedEvent<Over>, outcome: Outcome, signal: AbortSignal): Promise<void> {
    if (data.runId === null) return;
    const directory = join(this.dataDir, runDirectoryOf(data.runId));
    const found = await this.supervisor.inspect(directory);
    if (found.state !== 'absent' && found.state !== 'ended') {
      await this.supervisor.stop(directory, data.reason);
      await this.supervisor.watch(directory, signal);
    }
    if (!signal.aborted) await outcome.report(ReportRunStopped, stream, { runId: data.runId });
  }
}

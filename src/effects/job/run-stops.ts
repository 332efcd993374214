import { join } from 'node:path';
import { ReportRunStopped } from '../../domain/job/commands.js';
import type { JobCancelled, JobReaped } from '../../domain/job/events.js';
import type { AgentRunner } from '../../integrations/agent-runner.js';
import type { Clock } from '../../kernel/clock.js';
import type { RecordedEvent } from '../../kernel/event.js';
import { toIso } from '../../kernel/time.js';
import { RunDirectory, runDirectoryOf } from '../../queue/supervisor/run-directory.js';
import type { Supervisor } from '../../queue/supervisor/supervisor.js';
import type { Effect, Outcome } from '../effect.js';
import { readEnding } from './run-ending.js';

type Over = JobCancelled | JobReaped;

export interface RunStopWorld {
  readonly supervisor: Supervisor;
  readonly runner: AgentRunner;
  readonly clock: Clock;
  readonly dataDir: string;
}

/**
 * Stops the processes of a cancelled or reaped attempt, waits until they are gone, and says what they cost. Of an attempt that
 * is still being prepared nothing will be started any more.
 */
export class RunStops implements Effect<Over> {
  readonly effectClass = 'conditional';

  constructor(
    readonly intent: Over['type'],
    private readonly world: RunStopWorld,
  ) {}

  lane({ data }: RecordedEvent<Over>): string {
    return `stop ${data.runId}`;
  }

  async act({ stream, data }: RecordedEvent<Over>, outcome: Outcome, signal: AbortSignal): Promise<void> {
    const { runId } = data;
    if (runId === null) return;
    const { supervisor, runner, clock, dataDir } = this.world;
    const directory = join(dataDir, runDirectoryOf(runId));
    await supervisor.stop(directory, data.reason);
    const exit = await supervisor.watch(directory, signal);
    if (signal.aborted) return;
    const { stdout } = new RunDirectory(directory);
    const { failure: _, ...account } = await readEnding(runner, stdout, exit, toIso(clock.now()));
    await outcome.report(ReportRunStopped, stream, { runId, ...account });
  }
}

import type { RunEnded } from '../../domain/job/events.js';
import type { EventLog } from '../../event-log/event-log.js';
import type { RecordedEvent } from '../../kernel/event.js';
import { fromIso } from '../../kernel/time.js';
import { pagesOf, type Range } from '../pages.js';

/** One attempt as it was recorded. */
export interface Attempt {
  readonly claimedMs: number;
  readonly endedMs: number | null;
}

const ENDS = ['JobSucceeded', 'JobRequeued', 'JobFailed', 'JobCancelled'];
const STOPS = ['JobReaped', 'RunStopped'];

/** How long runs took, and how long it took to stop one: what the outside did is taken as it was recorded. */
export class RunLengths {
  private readonly attempts = new Map<number, Attempt[]>();
  private readonly byAgent = new Map<string, number[]>();
  private readonly reapedMs = new Map<string, number>();
  private readonly stopMs = new Map<string, number>();

  static async read(log: EventLog, range: Range): Promise<RunLengths> {
    const lengths = new RunLengths();
    for await (const page of pagesOf(log, range, { types: ['JobClaimed', 'RunEnded', ...ENDS, ...STOPS] }))
      for (const event of page) lengths.hear(event);
    return lengths;
  }

  /** The recorded attempt of the job that began at this moment or is the first one after it. */
  attemptFrom(jobId: number, atMs: number): Attempt | null {
    return this.attempts.get(jobId)?.find(({ claimedMs }) => claimedMs >= atMs) ?? null;
  }

  attemptAt(jobId: number, claimedMs: number): Attempt | null {
    return this.attempts.get(jobId)?.find((attempt) => attempt.claimedMs === claimedMs) ?? null;
  }

  /** The middle one of the role's recorded runs that ended by themselves, or of all; null when there is none. */
  usualMs(agent: string): number | null {
    return median(this.byAgent.get(agent) ?? [...this.byAgent.values()].flat());
  }

  stopLatencyMs(runId: string): number {
    return this.stopMs.get(runId) ?? 0;
  }

  private hear(event: RecordedEvent): void {
    const { jobId, runId, agent } = event.data as { readonly jobId: number; readonly runId: string; agent: string };
    const atMs = fromIso(event.recordedAt);
    if (event.type === 'JobReaped') return void this.reapedMs.set(runId, atMs);
    if (event.type === 'RunStopped') return void this.stopMs.set(runId, atMs - (this.reapedMs.get(runId) ?? atMs));
    const known = this.attempts.get(jobId) ?? [];
    this.attempts.set(jobId, known);
    if (event.type === 'JobClaimed') {
      known.push({ claimedMs: atMs, endedMs: null });
      this.agents.set(jobId, agent);
    } else if (freesItsSlot(event)) this.end(jobId, known, { atMs, byItself: event.type === 'JobSucceeded' });
  }

  private readonly agents = new Map<number, string>();

  private end(jobId: number, known: Attempt[], { atMs, byItself }: { atMs: number; byItself: boolean }): void {
    const last = known.pop();
    if (!last) return;
    known.push(last.endedMs === null ? { ...last, endedMs: atMs } : last);
    if (!byItself) return;
    const agent = this.agents.get(jobId) ?? '';
    const lengthMs = (last.endedMs ?? atMs) - last.claimedMs;
    this.byAgent.set(agent, [...(this.byAgent.get(agent) ?? []).slice(-200), lengthMs]);
  }
}

/** Of a run that ended badly the job's next event tells. */
function freesItsSlot({ type, data }: RecordedEvent): boolean {
  return type !== 'RunEnded' || (data as RunEnded['data']).failure === null;
}

function median(numbers: readonly number[]): number | null {
  return [...numbers].sort((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? null;
}

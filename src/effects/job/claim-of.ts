import type { JobClaimed } from '../../domain/job/events.js';
import type { EventLog } from '../../event-log/event-log.js';
import type { RecordedEvent } from '../../kernel/event.js';

/** The claim of the run that an event of a job is about: it says on which host the run is. Null: the job was never claimed for it. */
export async function claimOf(
  log: Pick<EventLog, 'readStream'>,
  { stream, type, data, ...event }: RecordedEvent,
): Promise<RecordedEvent<JobClaimed> | null> {
  if (type === 'JobClaimed') return { stream, type, data, ...event } as RecordedEvent<JobClaimed>;
  const { runId } = data as { readonly runId: string | null };
  if (runId === null) return null;
  const claims = (await log.readStream(stream)).filter((other) => other.type === 'JobClaimed');
  return (claims as readonly RecordedEvent<JobClaimed>[]).find((claim) => claim.data.runId === runId) ?? null;
}

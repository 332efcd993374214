import { randomUUID } from 'node:crypto';
import type { EventLog } from '../../src/event-log/event-log.js';
import type { RecordedEvent } from '../../src/kernel/event.js';

export interface Fact {
  readonly stream: string;
  readonly type: string;
  readonly data: object;
  readonly workItem?: string;
  /** Id of the event that caused it. */
  readonly cause?: string;
  readonly actor?: string;
}

/** Appends one fact at the end of its stream and gives it back as the log has it. */
export async function seed(log: EventLog, fact: Fact): Promise<RecordedEvent> {
  const [last] = await log.readStream(fact.stream, { direction: 'backwards', limit: 1 });
  const id = randomUUID();
  const metadata = {
    $correlationId: fact.workItem ?? fact.stream,
    $causationId: fact.cause ?? null,
    actor: fact.actor ?? 'system',
    schemaVersion: 1,
    commandId: id,
  };
  const event = { id, type: fact.type, data: fact.data, metadata };
  await log.append([{ stream: fact.stream, expected: last?.revision ?? 'no-stream', events: [event] }]);
  const recorded = await log.readEvent(id);
  if (!recorded) throw new Error(`Event ${id} was appended, but cannot be read`);
  return recorded;
}

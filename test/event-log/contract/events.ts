import type { NewEvent } from '../../../src/kernel/event.js';
import { deriveId } from '../../../src/kernel/ids.js';
import type { EventLog, Expected } from '../../../src/event-log/event-log.js';

/** An event with everything that the log does not look at filled in; the same name gives the same id. */
export function newEvent(name: string, { type = 'TaskCreated', correlationId = 'ORCH-001', data = {} } = {}): NewEvent {
  return {
    id: deriveId('test-event', name),
    type,
    data: { name, ...data },
    metadata: {
      $correlationId: correlationId,
      $causationId: null,
      actor: 'system',
      schemaVersion: 1,
      commandId: deriveId('test-command', name),
    },
  };
}

export function manyEvents(prefix: string, count: number, options = {}): NewEvent[] {
  return Array.from({ length: count }, (_, index) => newEvent(`${prefix}-${index}`, options));
}

export function nameOf(event: { readonly data: object }): unknown {
  return (event.data as { name?: unknown }).name;
}

/** One write to one stream; the positions it was given. */
export async function appendTo(
  log: EventLog,
  stream: string,
  expected: Expected,
  ...events: NewEvent[]
): Promise<readonly number[]> {
  const [appended] = await log.append([{ stream, expected, events }]);
  return appended?.positions ?? [];
}

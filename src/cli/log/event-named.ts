import type { EventLog } from '../../event-log/event-log.js';
import type { RecordedEvent } from '../../kernel/event.js';
import { CommandFailed } from '../failure.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether the text names one event at all. */
export function namesEvent(text: string): boolean {
  return /^\d{1,15}$/.test(text) || UUID.test(text);
}

/** The event at a position or with an id. */
export async function eventNamed(log: EventLog, text: string): Promise<RecordedEvent> {
  if (UUID.test(text)) return (await log.readEvent(text.toLowerCase())) ?? (await absent(log, `with the id ${text}`));
  if (!namesEvent(text))
    throw new CommandFailed(2, `'${text}' is neither a position of the log nor the id of an event`);
  const position = Number(text);
  const [event] = await log.readAll({ after: position - 1, limit: 1 });
  return event?.position === position ? event : absent(log, `at position ${position}`);
}

async function absent(log: EventLog, where: string): Promise<never> {
  throw new CommandFailed(1, `The log has no event ${where}; its newest is at position ${await log.head()}`);
}

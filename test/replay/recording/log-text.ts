import { readFile } from 'node:fs/promises';
import { InMemoryEventLog } from '../../../src/event-log/in-memory/in-memory-event-log.js';
import type { EventLog } from '../../../src/event-log/event-log.js';
import { openSqliteEventLog } from '../../../src/event-log/sqlite/sqlite-event-log.js';
import type { RecordedEvent } from '../../../src/kernel/event.js';

/** One event a line, as it was recorded. */
export async function textOf(log: EventLog): Promise<string> {
  const lines: string[] = [];
  for (let after = 0; ;) {
    const page = await log.readAll({ after });
    const last = page.at(-1);
    if (!last) return `${lines.join('\n')}\n`;
    lines.push(...page.map((event) => JSON.stringify(event)));
    after = last.position;
  }
}

export function eventsIn(text: string): readonly RecordedEvent[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as RecordedEvent);
}

/** The same events, at the same positions and times, in another log. */
async function fill(log: EventLog, clock: { nowMs: number }, events: readonly RecordedEvent[]): Promise<void> {
  for (const { stream, revision, recordedAt, id, type, data, metadata } of events) {
    clock.nowMs = Date.parse(recordedAt);
    const expected = revision === 0 ? 'no-stream' : revision - 1;
    await log.append([{ stream, expected, events: [{ id, type, data, metadata }] }]);
  }
}

export async function inMemory(events: readonly RecordedEvent[]): Promise<InMemoryEventLog> {
  const clock = { nowMs: 0 };
  const log = new InMemoryEventLog({ clock: { now: () => clock.nowMs } });
  await fill(log, clock, events);
  return log;
}

export async function intoFile(path: string, events: readonly RecordedEvent[]): Promise<void> {
  const clock = { nowMs: 0 };
  const log = await openSqliteEventLog({ path, clock: { now: () => clock.nowMs } });
  await fill(log, clock, events);
  await log.close();
}

/** A committed incident. */
export async function incident(name: string): Promise<readonly RecordedEvent[]> {
  return eventsIn(await readFile(new URL(`../incidents/${name}.ndjson`, import.meta.url), 'utf8'));
}

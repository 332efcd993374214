import { openSqliteEventLog } from '../../src/event-log/sqlite/sqlite-event-log.js';
import { appendTo, manyEvents, newEvent } from './contract/events.js';

/**
 * The other process of the tests. `append` writes what it is told to and answers; `flood` writes for ever, with sixteen
 * writers, and tells which streams are surely on the disk.
 */
const [mode = '', path = ''] = process.argv.slice(2);
const log = await openSqliteEventLog({ path, clock: { now: () => Date.now() } });

export interface AppendOrder {
  readonly stream: string;
  readonly expected: number | 'no-stream';
  readonly name: string;
}

export const FLOOD_APPEND_SIZE = 40;

function tell(message: unknown): void {
  process.send?.(message);
}

async function append({ stream, expected, name }: AppendOrder): Promise<void> {
  try {
    tell({ positions: await appendTo(log, stream, expected, newEvent(name)) });
  } catch (error) {
    tell({ error: (error as Error).name });
  }
}

async function flood(writer: number): Promise<void> {
  for (let count = 0; ; count += 1) {
    const stream = `flood-${process.pid}-${writer}-${count}`;
    await appendTo(log, stream, 'no-stream', ...manyEvents(stream, FLOOD_APPEND_SIZE));
    tell({ stream });
  }
}

if (mode === 'append') process.on('message', (order) => void append(order as AppendOrder));
tell({ ready: true });
if (mode === 'flood') await Promise.all(Array.from({ length: 16 }, (_, writer) => flood(writer)));

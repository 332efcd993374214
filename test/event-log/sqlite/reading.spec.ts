import { join } from 'node:path';
import { Connection } from '../../../src/event-log/sqlite/connection.js';
import { openSqliteEventLog } from '../../../src/event-log/sqlite/sqlite-event-log.js';
import { temporaryFolders } from '../../support/temporary-folder.js';
import { appendTo, newEvent } from '../contract/events.js';

const newFolder = temporaryFolders();
const COMMAND = { type: 'CreateTask', at: '2026-01-01T00:00:00.000Z', payload: { title: 'long' } };

async function withLog(work: (log: Awaited<ReturnType<typeof openSqliteEventLog>>) => Promise<void>): Promise<void> {
  const path = join(await newFolder(), 'events.db');
  const log = await openSqliteEventLog({ path, clock: { now: () => Date.now() } });
  try {
    await work(log);
  } finally {
    await log.close();
  }
}

it('whoever needs no commands is given the events without them, and otherwise as they are', () =>
  withLog(async (log) => {
    const first = newEvent('first');
    const decided = { ...first, metadata: { ...first.metadata, command: COMMAND } };
    await appendTo(log, 'task-"quoted"-ä', 'no-stream', decided, newEvent('second'));
    const whole = await log.readAll();
    expect(whole[0]).toMatchObject({ ...decided, stream: 'task-"quoted"-ä', position: 1, revision: 0 });
    const lean = whole.map((event) => ({ ...event, metadata: { ...event.metadata, command: undefined } }));
    expect(await log.readAll({ withoutCommands: true })).toEqual(lean);
  }));

it.each([[false], [true]])(
  'an event that is no JSON any more is named with its file (without commands: %s)',
  (withoutCommands) =>
    withLog(async (log) => {
      await appendTo(log, 'task-1', 'no-stream', newEvent('first'), newEvent('second'));
      const shell = await Connection.open(log.path, 'write');
      await shell.exec(`DROP TRIGGER events_are_not_changed; UPDATE events SET metadata = '{"half' WHERE position = 2`);
      await shell.close();
      await expect(log.readAll({ withoutCommands })).rejects.toThrow(
        `The event at position 2 of ${log.path} is not JSON: 'orchestrator log verify' tells what was changed`,
      );
    }),
);

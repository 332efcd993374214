import { join } from 'node:path';
import { openSqliteEventLog } from '../../src/event-log/sqlite/sqlite-event-log.js';
import { temporaryFolders } from '../support/temporary-folder.js';
import { describeEventLog } from './contract/contract.js';

const newFolder = temporaryFolders();
const systemClock = { now: () => Date.now() };

describeEventLog('the event log in a SQLite file', async (options) =>
  openSqliteEventLog({ clock: systemClock, ...options, path: join(await newFolder(), 'data', 'events.db') }),
);

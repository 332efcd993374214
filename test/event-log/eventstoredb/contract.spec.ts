import { afterEach, jest } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import {
  openEventStoreLog,
  type EventStoreOptions,
} from '../../../src/event-log/eventstoredb/eventstoredb-event-log.js';
import { ProtocolServer } from '../../support/eventstore/protocol-server.js';
import { Weather } from '../../support/eventstore/weather.js';
import { describeEventLog, type LogOptions } from '../contract/contract.js';

const REAL_SERVER = process.env['ORCH_TEST_EVENTSTORE_URL'];
const ABILITIES = {
  severalStreamsAtOnce: false,
  densePositions: false,
  answersInOrder: false,
  idsOfTheWholeLog: false,
};
// An append to a store that does not answer takes as long as the deadline, and some tests make hundreds.
jest.setTimeout(90_000);
let seed = 0;
const closers: (() => Promise<void>)[] = [];

function open(options: LogOptions & Pick<EventStoreOptions, 'url'> & Partial<EventStoreOptions>) {
  return openEventStoreLog({ clock: { now: () => Date.now() }, ...options });
}

async function startServer(holes: { first?: number; step?: number } = {}): Promise<ProtocolServer> {
  const server = await ProtocolServer.start({ holes });
  closers.push(() => server.down());
  return server;
}

describeEventLog(
  'the event log in EventStoreDB',
  async (options) => open({ ...options, url: (await startServer()).url }),
  ABILITIES,
);

describeEventLog(
  'the event log in an EventStoreDB that is restarted, cut off, late, and does not answer, far out in its positions',
  async (options) => {
    const server = await startServer({ first: 2 ** 51, step: 1_000_003 });
    const log = await open({ ...options, url: server.url, deadlineMs: 1_500 });
    const weather = new Weather(server, { seed: seed++, everyCalls: 12 });
    closers.unshift(() => weather.calm());
    return log;
  },
  ABILITIES,
);

/** A namespace of its own for every test, so that the store may hold whatever it holds. */
if (REAL_SERVER !== undefined)
  describeEventLog(
    'the event log in the EventStoreDB of ORCH_TEST_EVENTSTORE_URL',
    async (options) => open({ ...options, url: REAL_SERVER, namespace: `test${randomUUID().replaceAll('-', '')}.` }),
    ABILITIES,
  );

// After the logs of the contract are closed: hooks run in the order in which they are declared.
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

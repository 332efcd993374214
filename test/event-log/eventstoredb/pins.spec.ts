import { afterEach, expect, test } from '@jest/globals';
import { VersionConflict } from '../../../src/event-log/errors.js';
import type { StreamCheck } from '../../../src/event-log/event-log.js';
import { openEventStoreLog, type EventStoreLog } from '../../../src/event-log/eventstoredb/eventstoredb-event-log.js';
import { verifyStreams } from '../../../src/event-log/eventstoredb/verify.js';
import { ProtocolServer } from '../../support/eventstore/protocol-server.js';
import { until } from '../../support/until.js';
import { appendTo, nameOf, newEvent } from '../contract/events.js';

const closers: (() => Promise<void>)[] = [];
const clock = { now: () => Date.now() };

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function start(): Promise<{ server: ProtocolServer; open: () => Promise<EventStoreLog> }> {
  const server = await ProtocolServer.start();
  closers.push(() => server.down());
  const open = async (): Promise<EventStoreLog> => {
    const log = await openEventStoreLog({ url: server.url, clock, deadlineMs: 1_000 });
    closers.push(() => log.close());
    return log;
  };
  return { server, open };
}

const FROZEN_AT_0: StreamCheck = { stream: 'admission-app', expected: 0 };

/** The freeze lands after the claim was sent and before the store has it: the window that no check before can close. */
async function claimIntoAFreeze() {
  const { server, open } = await start();
  const [claimer, freezer] = [await open(), await open()];
  await appendTo(claimer, 'admission-app', 'no-stream', newEvent('admitted'));
  server.faults.delayMs = 300;
  const append = server.store.append.bind(server.store);
  const json = (value: object) => Buffer.from(JSON.stringify(value));
  let isFirst = true;
  server.store.append = (stream, expected, events) => {
    if (stream === 'job-1' && isFirst) {
      isFirst = false;
      const log = { at: '2026-03-01T12:00:00.000Z', link: 'f'.repeat(64) };
      const frozen = newEvent('frozen');
      const metadata = json({ ...frozen.metadata, log });
      const event = {
        id: frozen.id,
        type: frozen.type,
        contentType: 'application/json',
        data: json(frozen.data),
        metadata,
      };
      append('admission-app', 0, [event]);
    }
    return append(stream, expected, events);
  };
  const write = { stream: 'job-1', expected: 'no-stream', events: [newEvent('claimed')] } as const;
  const claim = await claimer.append([write], [FROZEN_AT_0]).catch((error: unknown) => error);
  server.faults.delayMs = 0;
  return { server, open, claimer, freezer, claim, write };
}

test('a claim that the store took after the pinned stream had moved counts for nobody', async () => {
  const { server, claim, claimer, freezer, open } = await claimIntoAFreeze();
  expect(claim).toEqual(new VersionConflict('admission-app', 0, 1));
  expect(server.store.stream('job-1')).toHaveLength(1);
  for (const log of [claimer, freezer, await open()]) {
    expect(await log.readStream('job-1')).toEqual([]);
    expect((await log.readAll()).map(nameOf)).toEqual(['admitted', 'frozen']);
    expect(await log.readEvent(newEvent('claimed').id)).toBeNull();
  }
});

test('a follower never sees it', async () => {
  const { freezer } = await claimIntoAFreeze();
  const stop = new AbortController();
  const seen: unknown[] = [];
  for await (const page of freezer.follow({ after: 0, signal: stop.signal })) {
    seen.push(...page.events.map(nameOf));
    if (page.caughtUp) break;
  }
  expect(seen).toEqual(['admitted', 'frozen']);
});

test('the same claim goes through once it is pinned to what is so, and follows on where nothing is', async () => {
  const { server, freezer, claimer, write } = await claimIntoAFreeze();
  const [appended] = await freezer.append([write], [{ stream: 'admission-app', expected: 1 }]);
  expect(appended).toMatchObject({ stream: 'job-1', revision: 1 });
  expect((await claimer.readStream('job-1')).map(nameOf)).toEqual(['claimed']);
  expect(await claimer.readEvent(newEvent('claimed').id)).toMatchObject({ stream: 'job-1', revision: 1 });
  expect(server.store.stream('job-1')).toHaveLength(2);
  expect(await appendTo(claimer, 'job-1', 1, newEvent('done'))).toHaveLength(1);
});

test('a pin holds when the pinned stream moves on afterwards', async () => {
  const { open } = await start();
  const log = await open();
  await appendTo(log, 'admission-app', 'no-stream', newEvent('admitted'));
  await log.append([{ stream: 'job-1', expected: 'no-stream', events: [newEvent('claimed')] }], [FROZEN_AT_0]);
  await appendTo(log, 'admission-app', 0, newEvent('frozen'));
  expect((await (await open()).readStream('job-1')).map(nameOf)).toEqual(['claimed']);
});

test('a pinned append whose answer is lost is written once', async () => {
  const { server, open } = await start();
  const log = await open();
  await appendTo(log, 'admission-app', 'no-stream', newEvent('admitted'));
  server.faults.resetAnswers = 1;
  const write = { stream: 'job-1', expected: 'no-stream', events: [newEvent('claimed')] } as const;
  const [first] = await log.append([write], [FROZEN_AT_0]);
  expect(server.store.stream('job-1')).toHaveLength(1);
  expect(await (await open()).append([write], [FROZEN_AT_0])).toEqual([first]);
});

test('the chain of every stream is checked, and a changed event is found', async () => {
  const { server, claimer } = await claimIntoAFreeze();
  await appendTo(claimer, 'task-1', 'no-stream', newEvent('a'), newEvent('b'), newEvent('c'));
  await until(() => server.store.stream('task-1')?.length === 3, 'it is written');
  const stored = server.store.stream('task-1')?.[1];
  const changed = JSON.stringify({ name: 'B' });
  Object.assign(stored ?? {}, { data: Buffer.from(changed) });
  const verification = await verifyStreams({ url: server.url });
  expect(verification.intact).toBe(false);
  // The freeze of these tests was written past the adapter, with a link of its own making.
  expect(verification).toMatchObject({
    broken: [
      { stream: 'admission-app', revision: 1 },
      { stream: 'task-1', revision: 1 },
    ],
  });
});

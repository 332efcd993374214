import { randomUUID } from 'node:crypto';
import { register } from 'node:module';
import { EventStoreDBClient, jsonEvent, START } from '@eventstore/db-client';
import { openEventStoreLog } from '../../../dist/event-log/eventstoredb/eventstoredb-event-log.js';

register('../../support/typescript-hooks.mjs', import.meta.url);

const APPENDS = 400;
const AT_ONCE = 16;
const EVENTS = 5_000;
const CREDENTIALS = { username: 'bench', password: 'bench' };

/** Ours beside the bare package, over the same protocol server in this process: what the log itself costs, not what a store does. */
export async function run(print) {
  const { ProtocolServer } = await import('../../support/eventstore/protocol-server.ts');
  print('EventStoreDB, over the protocol server in the same process:');
  for (const [what, measure] of [
    ['appends one after the other', (side) => side.appends(1)],
    ['the same under a pin, as a leader does', (side) => side.appends(1, 0)],
    [`appends, ${AT_ONCE} side by side`, (side) => side.appends(AT_ONCE)],
    [`reading ${EVENTS} events`, (side) => side.reads()],
    ['following, from append to arrival', (side) => side.follows()],
  ]) {
    const figures = [];
    for (const Side of [Ours, Bare]) {
      const server = await ProtocolServer.start();
      const side = await Side.open(server.url);
      figures.push(await measure(side));
      await side.close();
      await server.down();
    }
    print(`  ${what.padEnd(36)} ours ${figures[0].padStart(14)}   package alone ${figures[1].padStart(14)}`);
  }
}

class Ours {
  static async open(url) {
    return Object.assign(new Ours(), { log: await openEventStoreLog({ url, clock: { now: () => Date.now() } }) });
  }

  async appends(atOnce, pin = null) {
    await this.log.append([{ stream: 'pinned', expected: 'no-stream', events: [eventOf(APPENDS)] }]);
    const checks = pin === null ? [] : [{ stream: 'pinned', expected: pin }];
    return perSecond(APPENDS, atOnce, (index) =>
      this.log.append([{ stream: `bench-${index}`, expected: 'no-stream', events: [eventOf(index)] }], checks),
    );
  }

  async reads() {
    await fill((stream, events) => this.log.append([{ stream, expected: 'no-stream', events }]));
    return timed(EVENTS, async () => {
      for (let after = 0; ;) {
        const page = await this.log.readAll({ after });
        if (page.length === 0) return;
        after = page.at(-1).position;
      }
    });
  }

  async follows() {
    const stop = new globalThis.AbortController();
    const arrivals = new Map();
    const following = (async () => {
      for await (const { events } of this.log.follow({ after: 0, signal: stop.signal }))
        for (const { id } of events) arrivals.get(id)?.(performance.now());
    })();
    const figure = await latency(arrivals, async (event, index) => {
      await this.log.append([{ stream: `bench-${index}`, expected: 'no-stream', events: [event] }]);
    });
    stop.abort();
    await following;
    return figure;
  }

  close() {
    return this.log.close();
  }
}

class Bare {
  static async open(url) {
    return Object.assign(new Bare(), { client: EventStoreDBClient.connectionString(url) });
  }

  append(stream, events) {
    const options = { expectedRevision: 'no_stream', credentials: CREDENTIALS };
    return this.client.appendToStream(stream, events.map(jsonEvent), options);
  }

  appends(atOnce) {
    return perSecond(APPENDS, atOnce, (index) => this.append(`bench-${index}`, [eventOf(index)]));
  }

  async reads() {
    await fill((stream, events) => this.append(stream, events));
    return timed(EVENTS, async () => {
      let count = 0;
      for await (const { event } of this.client.readAll({ fromPosition: START })) count += event ? 1 : 0;
      return count;
    });
  }

  async follows() {
    const arrivals = new Map();
    const subscription = this.client.subscribeToAll({ fromPosition: START });
    subscription.on('data', ({ event }) => arrivals.get(event?.id)?.(performance.now()));
    const figure = await latency(arrivals, (event, index) => this.append(`bench-${index}`, [event]));
    await subscription.unsubscribe();
    return figure;
  }

  close() {
    return this.client.dispose();
  }
}

function eventOf(index) {
  const metadata = {
    $correlationId: 'ORCH-001',
    $causationId: null,
    actor: 'system',
    schemaVersion: 1,
    commandId: 'c',
  };
  return { id: randomUUID(), type: 'BenchEvent', data: { index, text: 'x'.repeat(120) }, metadata };
}

async function fill(append) {
  for (let index = 0; index < EVENTS / 500; index += 1)
    await append(
      `bench-${index}`,
      Array.from({ length: 500 }, (_, each) => eventOf(each)),
    );
}

async function perSecond(count, atOnce, act) {
  for (let index = -20; index < 0; index += 1) await act(index);
  let next = 0;
  const work = async () => {
    while (next < count) await act(next++);
  };
  return timed(count, () => Promise.all(Array.from({ length: atOnce }, work)));
}

async function timed(count, act) {
  const startedAt = performance.now();
  await act();
  return `${Math.round(count / ((performance.now() - startedAt) / 1_000))} /s`;
}

/** The median of two hundred. */
async function latency(arrivals, append) {
  const times = [];
  for (let index = 0; index < 200; index += 1) {
    const event = eventOf(index);
    const arrived = new Promise((resolve) => arrivals.set(event.id, resolve));
    const startedAt = performance.now();
    await append(event, index);
    times.push((await arrived) - startedAt);
  }
  return `${times.sort((a, b) => a - b)[100].toFixed(1)} ms`;
}

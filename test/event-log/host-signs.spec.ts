import { afterEach, describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import type { Heartbeats } from '../../src/event-log/beside/heartbeats.js';
import { EventStoreHeartbeats } from '../../src/event-log/eventstoredb/eventstoredb-heartbeats.js';
import { openSqliteHeartbeats } from '../../src/event-log/sqlite/side-tables/sqlite-heartbeats.js';
import { ProtocolServer } from '../support/eventstore/protocol-server.js';
import { temporaryFolders } from '../support/temporary-folder.js';

const folder = temporaryFolders();
const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

type Opened = Heartbeats & { close(): Promise<void> };
/** Each call is another orchestrator on the same log. */
type Store = () => Promise<Opened>;

async function sqlite(): Promise<Store> {
  const path = join(await folder(), 'events.db');
  return async () => kept(await openSqliteHeartbeats(path));
}

async function eventstoredb(): Promise<Store> {
  const server = await ProtocolServer.start();
  closers.push(() => server.down());
  return async () => kept(new EventStoreHeartbeats({ url: server.url }));
}

function kept(opened: Opened): Opened {
  closers.push(() => opened.close());
  return opened;
}

const sign = (name: string, count: number) => ({
  name,
  host: 'vm',
  slots: 1,
  session: 's',
  count,
  runs: { r: { pid: 1 } },
});

describe.each([
  ['sqlite', sqlite],
  ['eventstoredb', eventstoredb],
])('Signs of life of hosts in %s', (_, begin) => {
  test('are read by everybody, the newest of each host', async () => {
    const open = await begin();
    const [one, two] = [await open(), await open()];
    expect(await one.hosts()).toEqual([]);
    await one.appear(sign('one', 1));
    await two.appear(sign('two', 1));
    await one.appear(sign('one', 2));
    const byName = [...(await two.hosts())].sort((a, b) => a.name.localeCompare(b.name));
    expect(byName).toEqual([sign('one', 2), sign('two', 1)]);
  });

  test('do not stand in each other’s way', async () => {
    const open = await begin();
    const hosts = await Promise.all(['a', 'b', 'c'].map(async (name) => ({ name, heartbeats: await open() })));
    for (const count of [1, 2, 3])
      await Promise.all(hosts.map(({ name, heartbeats }) => heartbeats.appear(sign(name, count))));
    const signs = (await hosts[0]?.heartbeats.hosts()) ?? [];
    expect(signs.map(({ count }) => count)).toEqual([3, 3, 3]);
  });

  test('say nothing of who leads', async () => {
    const one = await (await begin())();
    await one.appear(sign('one', 1));
    expect(await one.last()).toBeNull();
  });
});

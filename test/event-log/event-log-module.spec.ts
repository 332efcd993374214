import 'reflect-metadata';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { Global, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { TestingModule } from '@nestjs/testing';
import type { Config } from '../../src/config/config.js';
import { CONFIG } from '../../src/config/config.js';
import { CHECKPOINTS } from '../../src/event-log/checkpoints.js';
import type { Checkpoints } from '../../src/event-log/checkpoints.js';
import type { EventLog } from '../../src/event-log/event-log.js';
import { EVENT_LOG } from '../../src/event-log/event-log.js';
import { EventLogModule } from '../../src/event-log/event-log.module.js';
import { CLOCK } from '../../src/kernel/clock.js';
import { ProtocolServer } from '../support/eventstore/protocol-server.js';
import { temporaryFolders } from '../support/temporary-folder.js';
import { appendTo, newEvent } from './contract/events.js';

const newFolder = temporaryFolders();

type Kind = Config['eventLog']['kind'];

async function compose(dataDir: string, kind: Kind = 'sqlite', url = ''): Promise<TestingModule> {
  const config = { dataDir, eventLog: { kind, path: join(dataDir, 'events.db'), url } };
  const providers = [
    { provide: CONFIG, useValue: config },
    { provide: CLOCK, useValue: { now: () => Date.now() } },
  ];
  @Global()
  @Module({ providers, exports: providers })
  class Surroundings {}
  return Test.createTestingModule({ imports: [Surroundings, EventLogModule.forRoot()] }).compile();
}

test('the configured log and its checkpoints are there, and are closed with the application', async () => {
  const dataDir = await newFolder();
  const app = await compose(dataDir);
  app.enableShutdownHooks();
  const log = app.get<EventLog>(EVENT_LOG);
  await appendTo(log, 'task-1', 'no-stream', newEvent('a'));
  await app.get<Checkpoints>(CHECKPOINTS).save('saga:test', log.logId, 1);
  await app.close();
  await expect(log.head()).rejects.toThrow('is closed');

  const again = await compose(dataDir);
  expect(await again.get<EventLog>(EVENT_LOG).head()).toBe(1);
  expect(await again.get<Checkpoints>(CHECKPOINTS).load('saga:test', log.logId)).toBe(1);
  await again.close();
});

test('a log in an event store is opened by its connection string, and what it needs beside it is in the data folder', async () => {
  const server = await ProtocolServer.start();
  const dataDir = await newFolder();
  const app = await compose(dataDir, 'eventstoredb', server.url);
  app.enableShutdownHooks();
  const log = app.get<EventLog>(EVENT_LOG);
  await appendTo(log, 'task-1', 'no-stream', newEvent('a'));
  await app.close();

  const again = await compose(dataDir, 'eventstoredb', server.url);
  expect(again.get<EventLog>(EVENT_LOG).logId).toBe(log.logId);
  expect(await again.get<EventLog>(EVENT_LOG).readEvent(newEvent('a').id)).toMatchObject({ stream: 'task-1' });
  expect(await readdir(dataDir)).toContain('event-places.db');
  await again.close();
  await server.down();
});

test('a connection string that is none is refused without its password', async () => {
  const composing = compose(await newFolder(), 'eventstoredb', 'http://admin:secret-word@store:2113');
  await expect(composing).rejects.toThrow('ORCH_EVENTSTORE_URL is http://store:2113: it begins with esdb://');
});

import 'reflect-metadata';
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
import { temporaryFolders } from '../support/temporary-folder.js';
import { appendTo, newEvent } from './contract/events.js';

const newFolder = temporaryFolders();

async function compose(dataDir: string, kind: Config['eventLog']['kind'] = 'sqlite'): Promise<TestingModule> {
  const config = { dataDir, eventLog: { kind, path: join(dataDir, 'events.db'), url: '' } };
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

test('a log that this version cannot keep is refused with what to set instead', async () => {
  const composing = compose(await newFolder(), 'eventstoredb');
  await expect(composing).rejects.toThrow('This version keeps no event log in eventstoredb: set ORCH_EVENT_LOG=sqlite');
});

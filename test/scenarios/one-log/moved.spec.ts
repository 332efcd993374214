import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { orchestrator, type Said } from '../../cli/command-line.js';
import { ServerProcess } from '../../support/eventstore/server-process.js';
import type { WorkItem } from '../../support/running/work-item.js';
import { World } from '../../support/running/world.js';
import { temporaryFolders } from '../../support/temporary-folder.js';

const START_MS_MAX = 240_000;
const folder = temporaryFolders();
const asksForApproval = ({ channel, text }: { channel: string; text: string }): boolean =>
  channel === 'item-status' && text === 'In Review';

let world: World;
let server: ServerProcess;
let there: WorkItem;
let back: WorkItem;
let copies: readonly Said[];

async function moved(to: string, settings: Record<string, string>): Promise<Said> {
  const from = world.logPath;
  await world.service.stop();
  const copied = await orchestrator(await folder(), ['log', 'copy', '--from', from, '--to', to]);
  await world.continueOn(settings);
  return copied;
}

beforeAll(async () => {
  const home = await folder();
  const file = join(home, 'first.db');
  const secondFile = join(home, 'second.db');
  server = await ServerProcess.start();
  world = await World.start(home, { ORCH_EVENT_LOG: 'sqlite', ORCH_EVENT_LOG_PATH: file });
  there = await world.startItem('Take a discount off for first orders', 'New customers get a promotion.');
  await there.happens('NotificationDelivered', asksForApproval);
  const first = await moved(server.url, { ORCH_EVENT_LOG: 'eventstoredb', ORCH_EVENTSTORE_URL: server.url });
  await there.moveTo('Approved');
  await there.reaches('done');
  back = await world.startItem('Take another one off', 'Old customers get one, too.');
  await back.happens('NotificationDelivered', asksForApproval);
  const second = await moved(secondFile, { ORCH_EVENT_LOG: 'sqlite', ORCH_EVENT_LOG_PATH: secondFile });
  await back.moveTo('Approved');
  await back.reaches('done');
  copies = [first, second];
}, START_MS_MAX);

afterAll(async () => {
  await world.end();
  await server.stop();
}, START_MS_MAX);

test('a log is moved to a store and back while an item waits for a person', () => {
  for (const copied of copies) expect(copied).toMatchObject({ exitCode: 0, stderr: '' });
});

test('the answer of the person finds the task on the other log, and nothing is begun a second time', async () => {
  for (const item of [there, back]) {
    expect(await item.events('TaskOpened')).toHaveLength(1);
    expect(await item.events('ApprovalGiven')).toHaveLength(1);
    expect(await item.events('ChangeMerged')).toHaveLength(1);
    expect((await item.events('JobQueued')).map(({ data }) => data.agent)).toEqual(
      (await item.events('JobClaimed')).map(({ data }) => data.agent),
    );
  }
});

test('every decision and every command of a saga comes out the same on the log that was moved twice', async () => {
  const { stdout, exitCode } = await orchestrator(await folder(), ['replay', 'verify', '--db', world.logPath]);
  expect(stdout).toContain('all the same');
  expect(exitCode).toBe(0);
});

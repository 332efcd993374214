import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WebSocket } from 'undici';
import { SUCCESS, TOOL_CALL } from '../integrations/claude/recorded.js';
import { Doors } from '../support/doors.js';
import { TaskStory } from '../support/task-story.js';
import { until } from '../support/until.js';

let doors: Doors;
let sockets: WebSocket[];

beforeEach(() => {
  sockets = [];
});

afterEach(async () => {
  for (const socket of sockets) socket.close();
  await doors.close();
});

/** Speaks graphql-transport-ws; collects the data of what comes. */
async function subscribe(query: string, headers: Record<string, string> = {}): Promise<unknown[]> {
  const url = `${doors.url.replace('http', 'ws')}/graphql`;
  const socket = new WebSocket(url, { protocols: ['graphql-transport-ws'], headers });
  sockets.push(socket);
  const data: unknown[] = [];
  let acknowledged = false;
  socket.addEventListener('message', (message) => {
    const { type, payload } = JSON.parse(String(message.data)) as { type: string; payload: { data?: unknown } };
    if (type === 'connection_ack') acknowledged = true;
    if (type === 'next' || type === 'error') data.push(payload.data ?? payload);
  });
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve);
    socket.addEventListener('error', () => reject(new Error('The socket was not opened')));
  });
  socket.send(JSON.stringify({ type: 'connection_init' }));
  await until(() => acknowledged, 'the connection is acknowledged');
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }));
  return data;
}

/** The protocol does not confirm a subscription, so tasks are opened until one is heard of, in `messages` messages. */
async function knockUntilHeard(heard: unknown[], messages: number): Promise<void> {
  for (let number = 900; heard.length === 0; number += 1) {
    await new TaskStory(doors.log, `ET-${number}`).open();
    await doors.caughtUp();
    await until(() => heard.length > 0, 'somebody hears', 100).catch(() => undefined);
  }
  await until(() => heard.length % messages === 0, 'the rest is heard');
}

describe('a subscriber', () => {
  test('to events is told of every one of the types that he asked for, in order', async () => {
    doors = await Doors.open();
    const heard = await subscribe(
      'subscription { eventAppended(type: ["TaskOpened", "TaskAdvanced"]) { type position } }',
    );
    await knockUntilHeard(heard, 2);
    heard.length = 0;
    const story = new TaskStory(doors.log, 'ET-001');
    await story.open();
    await story.advance('architecture');
    await until(() => heard.length === 3, 'three events are told');
    const types = (heard as { eventAppended: { type: string } }[]).map((told) => told.eventAppended.type);
    expect(types).toEqual(['TaskOpened', 'TaskAdvanced', 'TaskAdvanced']);
  });

  test('to a task is told of it as it is now, and of no other task', async () => {
    doors = await Doors.open();
    const everything = await subscribe('subscription { taskChanged { workItem } }');
    const one = await subscribe('subscription { taskChanged(workItem: "ET-1") { workItem stage jobs { agent } } }');
    await knockUntilHeard(everything, 1);
    const story = new TaskStory(doors.log, 'ET-001');
    await story.open();
    await until(() => one.length > 0, 'the task is told');
    await story.advance('architecture');
    const architecture = { taskChanged: { workItem: 'ET-001', stage: 'architecture', jobs: [] } };
    await until(() => JSON.stringify(one.at(-1)) === JSON.stringify(architecture), 'the new stage is told');
    expect(one.every((told) => JSON.stringify(told).includes('ET-001'))).toBe(true);
  });

  test('to runs is told when one starts and ends', async () => {
    doors = await Doors.open();
    const heard = await subscribe('subscription { runProgress(workItem: "ET-1") { agent outcome pid } }');
    const story = new TaskStory(doors.log, 'ET-001');
    await story.open();
    let claim = await story.claim(await story.queueJob());
    while (heard.length === 0) {
      claim = await story.claim(await story.queueJob());
      await story.start(claim);
      await until(() => heard.length > 0, 'the start is told', 100).catch(() => undefined);
    }
    await story.succeed(claim, await story.end(claim));
    const success = { runProgress: { agent: 'analyst', outcome: 'succeeded', pid: 4711 } };
    await until(() => JSON.stringify(heard.at(-1)) === JSON.stringify(success), 'the success is told');
    expect(heard.length).toBeGreaterThanOrEqual(2);
  });

  test('to runs is told how far a live one has come, without an event', async () => {
    doors = await Doors.open();
    const story = new TaskStory(doors.log, 'ET-001');
    await story.open();
    await story.start(await story.claim(await story.queueJob()));
    await doors.caughtUp();
    const head = await doors.log.head();
    const heard = await subscribe(
      'subscription { runProgress(workItem: "ET-1") { agent progress { turns lastTool costUsd } logTail(lines: 1) } }',
    );
    await mkdir(join(doors.folder, 'runs/1'), { recursive: true });
    const output = join(doors.folder, 'runs/1/stdout.ndjson');
    await writeFile(output, `${JSON.stringify(TOOL_CALL)}\n`);
    const first = { agent: 'analyst', progress: { turns: 1, lastTool: 'Bash ls', costUsd: null } };
    await until(() => JSON.stringify(heard).includes('Bash ls'), 'the first call is told');
    expect(heard.at(-1)).toEqual({ runProgress: { ...first, logTail: [JSON.stringify(TOOL_CALL)] } });
    await appendFile(output, `${JSON.stringify(SUCCESS)}\n`);
    await until(() => JSON.stringify(heard).includes('"costUsd":0.00306'), 'the cost is told');
    expect(await doors.log.head()).toBe(head);
  });

  test('without the token is not let in', async () => {
    doors = await Doors.open({ ORCH_API_TOKEN: 'a-long-secret' });
    await expect(subscribe('subscription { taskChanged { id } }')).rejects.toThrow('not opened');
    const authorization = 'Bearer a-long-secret';
    expect(await subscribe('subscription { taskChanged { id } }', { authorization })).toEqual([]);
  });
});

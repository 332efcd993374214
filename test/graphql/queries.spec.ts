import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { getIntrospectionQuery } from 'graphql';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ReadModels } from '../../src/projections/engine/read-models.js';
import { Doors } from '../support/doors.js';
import { TaskStory } from '../support/task-story.js';

let doors: Doors;

beforeEach(async () => {
  doors = await Doors.open();
});

afterEach(() => doors.close());

async function aTaskInDevelopment(workItem: string, repo = 'enduro-trails'): Promise<TaskStory> {
  const story = new TaskStory(doors.log, workItem, repo);
  await story.open();
  await story.work('analyst', 0.25);
  await story.advance('architecture');
  await story.work('architect', null);
  await story.advance('development');
  await story.start(await story.claim(await story.queueJob('developer')));
  await doors.caughtUp();
  return story;
}

describe('a task', () => {
  test('is found by its work item, in either spelling', async () => {
    const { taskId } = await aTaskInDevelopment('ET-001');
    const query =
      '{ a: task(workItem: "ET-001") { id stage } b: task(workItem: "ET-1") { id } c: task(workItem: "ET-2") { id } }';
    const id = String(taskId);
    expect(await doors.ask(query)).toEqual({ a: { id, stage: 'development' }, b: { id }, c: null });
  });

  test('shows its jobs, runs, cost and the job that is active', async () => {
    await aTaskInDevelopment('ET-001');
    const { task } = await doors.ask(`{ task(workItem: "ET-001") {
      repo branch escalated developerRetries costUsd pullRequest head pausedAt waits { code }
      activeJob { agent status attempts run { pid attempt outcome } }
      jobs { agent status } runs { agent outcome costUsd inputTokens } deploys { id } dependsOn { id }
    } }`);
    expect(task).toEqual({
      repo: 'enduro-trails',
      branch: 'feature/ET-001-add-a-map',
      escalated: false,
      developerRetries: 0,
      costUsd: 0.25,
      pullRequest: 7,
      head: 'c0ffee',
      pausedAt: null,
      waits: [],
      activeJob: { agent: 'developer', status: 'running', attempts: 1, run: { pid: 4711, attempt: 1, outcome: null } },
      jobs: [
        { agent: 'analyst', status: 'done' },
        { agent: 'architect', status: 'done' },
        { agent: 'developer', status: 'running' },
      ],
      runs: [
        { agent: 'analyst', outcome: 'succeeded', costUsd: 0.25, inputTokens: 100 },
        { agent: 'architect', outcome: 'succeeded', costUsd: null, inputTokens: 100 },
        { agent: 'developer', outcome: null, costUsd: null, inputTokens: null },
      ],
      deploys: [],
      dependsOn: [],
    });
  });

  test('tells its story in the order of the log, with durations', async () => {
    await aTaskInDevelopment('ET-001');
    const { task } = await doors.ask(
      '{ task(workItem: "ET-001") { timeline { text position sinceStartMs sincePreviousMs } } }',
    );
    const texts = task.timeline.map((entry: { text: string }) => entry.text);
    expect(texts[0]).toBe('ET-001 was started: “Add a map”');
    expect(texts).toContain('analysis → architecture');
    expect(texts).toContain('Agent ended well, 0.25 USD');
    expect(task.timeline[0]).toMatchObject({ position: '1', sinceStartMs: 0, sincePreviousMs: 0 });
  });

  test('shows the output of a run, but never a file outside the data folder', async () => {
    await aTaskInDevelopment('ET-001');
    const directory = join(doors.folder, 'runs/1');
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, 'stdout.ndjson'), 'one\ntwo\nthree\n');
    const query = '{ task(workItem: "ET-001") { activeJob { run { logTail(lines: 2) progress { bytes } } } } }';
    const { task } = await doors.ask(query);
    expect(task.activeJob.run).toEqual({ logTail: ['two', 'three'], progress: { bytes: 14 } });
  });
});

describe('a list', () => {
  test('is read page by page, each row once', async () => {
    for (let number = 1; number <= 5; number += 1) await new TaskStory(doors.log, `ET-00${number}`).open();
    await doors.caughtUp();
    const query = `query ($after: String) { tasks(first: 2, after: $after) {
      totalCount edges { node { workItem } } pageInfo { hasNextPage endCursor } } }`;
    const seen: string[] = [];
    for (let after: string | null = null, more = true; more;) {
      const { tasks } = await doors.ask(query, { after });
      expect(tasks.totalCount).toBe(5);
      seen.push(...tasks.edges.map((edge: { node: { workItem: string } }) => edge.node.workItem));
      after = tasks.pageInfo.endCursor;
      more = tasks.pageInfo.hasNextPage;
    }
    expect(seen).toEqual(['ET-001', 'ET-002', 'ET-003', 'ET-004', 'ET-005']);
  });

  test('of tasks can be narrowed by repository, stage and activity', async () => {
    await aTaskInDevelopment('ET-001');
    const done = new TaskStory(doors.log, 'AB-001', 'alpha');
    await done.open();
    await done.advance('done');
    await doors.caughtUp();
    const items = '{ edges { node { workItem } } }';
    const answer = await doors.ask(`{ repo: tasks(repo: "alpha") ${items} stage: tasks(stage: ["development"]) ${items}
      active: tasks(active: true) ${items} inactive: tasks(active: false) ${items} }`);
    const one = (workItem: string) => ({ edges: [{ node: { workItem } }] });
    expect(answer).toEqual({
      repo: one('AB-001'),
      stage: one('ET-001'),
      active: one('ET-001'),
      inactive: one('AB-001'),
    });
  });

  test('of jobs can be narrowed by status, agent and work item', async () => {
    await aTaskInDevelopment('ET-001');
    const query =
      '{ jobs(status: ["running"], agent: "developer", workItem: "ET-1") { totalCount edges { node { agent } } } }';
    expect((await doors.ask(query)).jobs).toEqual({ totalCount: 1, edges: [{ node: { agent: 'developer' } }] });
  });

  test('of nested fields is read with one question per level, however many tasks there are', async () => {
    for (const workItem of ['ET-001', 'ET-002', 'ET-003']) await aTaskInDevelopment(workItem);
    const models = doors.app.get(ReadModels);
    const asked: string[] = [];
    const all = models.all.bind(models);
    models.all = (sql, parameters) => {
      asked.push(sql);
      return all(sql, parameters);
    };
    await doors.ask('{ tasks { edges { node { costUsd jobs { run { outcome } } } } } }');
    expect(asked).toHaveLength(5);
  });

  test('that is too long, or a cursor that is none, is refused in one sentence', async () => {
    const ask = async (args: string) =>
      (await doors.post('/graphql', { query: `{ tasks(${args}) { edges { cursor } } }` })).body.errors[0].message;
    expect(await ask('first: 1000')).toBe('A page has from 1 to 200 rows, asked for were 1000');
    expect(await ask('after: "nonsense"')).toContain("'nonsense' is not a cursor");
  });
});

describe('events', () => {
  test('can be narrowed by stream, type, work item and moment', async () => {
    const { taskId } = await aTaskInDevelopment('ET-001');
    await aTaskInDevelopment('ET-002');
    const { events: all } = await doors.ask(
      '{ events(first: 200) { totalCount edges { node { position recordedAt } } } }',
    );
    const half = Math.floor(all.totalCount / 2);
    const answer = await doors.ask(`{
      stream: events(stream: "task-${taskId}", first: 2) { edges { node { type revision } } pageInfo { hasNextPage } }
      type: events(type: ["TaskOpened"]) { totalCount }
      item: events(workItem: "ET-2") { totalCount }
      since: events(since: "${half + 1}", first: 200) { totalCount }
      until: events(until: "${half}", first: 200) { totalCount }
      future: events(since: "2999-01-01T00:00:00Z") { totalCount }
      past: events(until: "2999-01-01T00:00:00Z") { totalCount }
    }`);
    expect(answer.stream).toEqual({
      edges: [{ node: { type: 'TaskOpened', revision: 0 } }, { node: { type: 'TaskAdvanced', revision: 1 } }],
      pageInfo: { hasNextPage: true },
    });
    expect(answer.type.totalCount).toBe(2);
    expect(answer.item.totalCount).toBe(half);
    expect(answer.since.totalCount + answer.until.totalCount).toBe(all.totalCount);
    expect([answer.future.totalCount, answer.past.totalCount]).toEqual([0, all.totalCount]);
  });

  test('carry their data, metadata, cause and actor', async () => {
    await aTaskInDevelopment('ET-001');
    const query =
      '{ events(type: ["TaskOpened"]) { edges { node { data metadata correlationId causationId actor } } } }';
    const [{ node }] = (await doors.ask(query)).events.edges;
    expect(node).toMatchObject({
      data: { workItem: 'ET-001' },
      metadata: { schemaVersion: 1 },
      correlationId: 'ET-001',
      actor: 'system',
    });
    expect(node.causationId).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('a moment that is none is refused in one sentence', async () => {
    const { body } = await doors.post('/graphql', { query: '{ events(since: "yesterday") { edges { cursor } } }' });
    expect(body.errors[0].message).toContain("'yesterday' is neither a position of the log nor an ISO time");
  });
});

describe('the queue', () => {
  test('shows counts and, per repository, who is active and who waits for what', async () => {
    await aTaskInDevelopment('ET-001');
    const later = new TaskStory(doors.log, 'ET-002');
    await later.open();
    const { jobId } = (await later.queueJob('analyst')).data as { jobId: number };
    const reasons = [
      { code: 'active-task', ref: 'ET-001', since: '2026-01-01T00:00:00.000Z', clearsWhen: 'ET-001 is done' },
    ];
    const held = { jobId, repo: later.repo, taskId: later.taskId, workItem: 'ET-002', reasons };
    await later.job({ stream: `admission-${later.repo}` } as never, 'JobHeld', held);
    await doors.caughtUp();
    const { queue, repo, jobs } = await doors.ask(`{
      queue { counts { queued running done failed } maxConcurrency reaper position serialGate { enabled perRepo {
        name frozen activeTask { workItem stage } waiting { workItem reason blockedBy } paused { workItem } } } }
      repo(name: "enduro-trails") { name frozen freezeCauses { reason } activeTask { title } mergeLease { holder } }
      jobs(status: ["queued"]) { edges { node { heldBy } } }
    }`);
    expect(queue.counts).toEqual({ queued: 1, running: 1, done: 2, failed: 0 });
    expect(queue.position).toBe(String(await doors.log.head()));
    expect(queue.reaper).toMatchObject({ enabled: true, reapedTotal: 0 });
    expect(queue.serialGate.perRepo).toContainEqual({
      name: 'enduro-trails',
      frozen: false,
      activeTask: { workItem: 'ET-001', stage: 'development' },
      waiting: [{ workItem: 'ET-002', reason: 'active-task', blockedBy: 'ET-001' }],
      paused: [],
    });
    expect(repo).toEqual({
      name: 'enduro-trails',
      frozen: false,
      freezeCauses: [],
      activeTask: { title: 'Add a map' },
      mergeLease: null,
    });
    expect(jobs.edges).toEqual([{ node: { heldBy: 'ET-001' } }]);
  });
});

describe('a query', () => {
  test('that would read too much is refused before anything is read', async () => {
    const query =
      '{ tasks(first: 200) { edges { node { jobs { run { logTail } } runs { id agent } timeline { text at type } } } } }';
    const { body } = await doors.post('/graphql', { query });
    expect(body.errors[0].message).toMatch(/The query costs \d+, allowed are 50000/);
  });

  test('that is too deep is refused', async () => {
    const deep = 'dependsOn { '.repeat(20) + 'id' + ' }'.repeat(20);
    const { status, body } = await doors.post('/graphql', { query: `{ task(workItem: "ET-001") { ${deep} } }` });
    expect(status).toBe(400);
    expect(JSON.stringify(body.errors)).toContain('depth');
  });

  test('of the usual explorers for the schema is answered', async () => {
    const { __schema } = await doors.ask(getIntrospectionQuery());
    expect(__schema.queryType.name).toBe('Query');
  });

  test('can be typed into a page that needs nothing from elsewhere', async () => {
    const { status, text } = await doors.get('/graphql');
    expect(status).toBe(200);
    expect(text).toContain('<title>orchestrator · GraphQL</title>');
    expect(text).not.toMatch(/(src|href)="https?:/);
    expect((await doors.get('/graphql?query=%7B__typename%7D')).body).toEqual({ data: { __typename: 'Query' } });
  });
});

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Doors } from '../../support/doors.js';
import { seed } from '../../support/seed.js';
import { TaskStory } from '../../support/task-story.js';

const PROJECTS = [
  { repo: 'enduro-trails', prefix: 'ET' },
  { repo: 'orchestrator', prefix: 'ORCH' },
];

let doors: Doors;

beforeEach(async () => {
  doors = await Doors.open({}, PROJECTS);
});
afterEach(() => doors.close());

async function opened(workItem: string, repo = 'enduro-trails'): Promise<TaskStory> {
  const story = new TaskStory(doors.log, workItem, repo);
  await story.open();
  await doors.caughtUp();
  return story;
}

async function ended(workItem: string): Promise<TaskStory> {
  const story = await opened(workItem);
  await story.advance('done');
  await doors.caughtUp();
  return story;
}

const park = (what: 'pause' | 'resume', workItem: string, headers = {}) =>
  doors.post(`/serial-gate/${what}?work_item=${workItem}`, {}, headers);
const freeze = (repo: string, reason: string, headers = {}) =>
  doors.post(`/serial-gate/freeze?repo=${repo}`, { reason }, headers);
const unfreeze = (repo: string) => doors.post(`/serial-gate/unfreeze?repo=${repo}`, {});
const depend = (workItem: string, on: string) => doors.post(`/tasks/${workItem}/dependencies`, { depends_on: on });

describe('freezing a repository', () => {
  test('is answered when the queue shows it, with who and why', async () => {
    const { status, body } = await freeze('enduro-trails', 'the site is down', { 'x-actor': 'maria' });
    expect(status).toBe(200);
    expect(body).toEqual({
      repo: 'enduro-trails',
      frozen: true,
      frozen_at: expect.stringMatching(/Z$/),
      reason: 'the site is down',
    });
    const queue = await doors.get('/queue');
    expect(queue.body.serial_gate.per_repo['enduro-trails']).toMatchObject({
      frozen: true,
      frozen_reason: 'the site is down',
      frozen_at: body.frozen_at,
      freeze_effective: true,
      freeze_causes: [{ actor: 'operator:maria' }],
    });
  });

  test('once more for the same reason adds no second cause, for another reason it does', async () => {
    const first = await freeze('enduro-trails', 'the site is down');
    expect((await freeze('enduro-trails', 'the site is down')).body).toEqual(first.body);
    await freeze('enduro-trails', 'audit');
    expect((await unfreeze('enduro-trails')).body).toEqual({ repo: 'enduro-trails', cleared: 2 });
  });

  test('is refused for a repository that nobody configured', async () => {
    const { status, body } = await freeze('elsewhere', 'why not');
    expect(status).toBe(404);
    expect(body.error).toMatchObject({ code: 'unknown-repo', message: expect.stringContaining('elsewhere') });
    expect((await unfreeze('elsewhere')).status).toBe(404);
  });

  test('needs a reason and a repository', async () => {
    expect((await freeze('enduro-trails', '')).status).toBe(400);
    const { status, body } = await doors.post('/serial-gate/freeze', { reason: 'x' });
    expect(status).toBe(400);
    expect(body.error.message).toContain('repo');
  });

  test('is refused while the freeze layer is off', async () => {
    await doors.close();
    doors = await Doors.open({ ORCH_SERIAL_GATE_FREEZE_ENABLED: 'false' }, PROJECTS);
    const { status, body } = await freeze('enduro-trails', 'x');
    expect(status).toBe(409);
    expect(body.error.code).toBe('freeze-off');
  });
});

describe('unfreezing a repository', () => {
  test('says how many causes it lifted, and 0 when there is none left', async () => {
    await freeze('enduro-trails', 'the site is down');
    expect((await unfreeze('enduro-trails')).body).toEqual({ repo: 'enduro-trails', cleared: 1 });
    const again = await unfreeze('enduro-trails');
    expect(again).toMatchObject({ status: 200, body: { repo: 'enduro-trails', cleared: 0 } });
    expect((await doors.get('/queue')).body.serial_gate.per_repo['enduro-trails'].frozen).toBe(false);
  });
});

describe('pausing and resuming a task', () => {
  test('answer with what is so afterwards, and whether it was so before', async () => {
    await opened('ET-007');
    const paused = await park('pause', 'ET-7', { 'x-actor': 'maria' });
    expect(paused.status).toBe(200);
    expect(paused.body).toEqual({
      work_item: 'ET-007',
      paused: true,
      paused_at: expect.stringMatching(/Z$/),
      changed: true,
    });
    expect((await park('pause', 'ET-007')).body).toEqual({ ...paused.body, changed: false });
    const resumed = { work_item: 'ET-007', paused: false, paused_at: null };
    expect((await park('resume', 'ET-007')).body).toEqual({ ...resumed, changed: true });
    expect((await park('resume', 'ET-007')).body).toEqual({ ...resumed, changed: false });
  });

  test('are refused for an unknown work item, and for a task that has ended', async () => {
    expect((await park('pause', 'ET-404')).status).toBe(404);
    await ended('ET-001');
    // The order learns of an end by its own events, as the saga would tell it.
    await seed(doors.log, {
      stream: 'admission-enduro-trails',
      type: 'TaskRetired',
      data: { repo: 'enduro-trails', taskId: 1, workItem: 'ET-001' },
    });
    for (const what of ['pause', 'resume'] as const) {
      const { status, body } = await park(what, 'ET-001');
      expect(status).toBe(409);
      expect(body.error.code).toBe('terminal');
    }
    expect((await park('pause', 'nonsense')).status).toBe(400);
  });

  test('leave the name of the operator in the log, without anything that could break a line', async () => {
    await opened('ET-001');
    await park('pause', 'ET-001', { 'x-actor': 'maria policy:worker/<b>' });
    await park('resume', 'ET-001');
    const events = await doors.log.readAll({ types: ['TaskPaused', 'TaskResumed'] });
    expect(events.map(({ metadata }) => metadata.actor)).toEqual(['operator:mariapolicyworkerb', 'operator:unknown']);
    expect(events.map(({ metadata }) => metadata.$correlationId)).toEqual(['ET-001', 'ET-001']);
  });
});

describe('declaring a dependency', () => {
  test('is answered 201, repeated without a change, and can be withdrawn', async () => {
    await opened('ET-001');
    await opened('ET-002');
    const declared = await depend('ET-2', 'ET-1');
    expect(declared).toMatchObject({ status: 201, body: { work_item: 'ET-002', depends_on: 'ET-001', changed: true } });
    expect((await depend('ET-002', 'ET-001')).body.changed).toBe(false);
    const withdrawn = await doors.delete('/tasks/ET-2/dependencies/ET-1');
    expect(withdrawn).toMatchObject({ status: 200, body: { changed: true } });
    expect((await doors.delete('/tasks/ET-2/dependencies/ET-1')).body.changed).toBe(false);
  });

  test('on itself or around a circle is refused with the way round', async () => {
    await opened('ET-001');
    await opened('ET-002');
    const self = await depend('ET-001', 'ET-001');
    expect(self).toMatchObject({ status: 409, body: { error: { code: 'self' } } });
    await depend('ET-002', 'ET-001');
    const { status, body } = await depend('ET-001', 'ET-002');
    expect(status).toBe(409);
    expect(body.error).toMatchObject({ code: 'cycle', details: { path: ['ET-001', 'ET-002', 'ET-001'] } });
  });

  test('that closes a circle through another repository is refused as well', async () => {
    await opened('ET-001');
    await opened('ORCH-001', 'orchestrator');
    expect((await depend('ET-001', 'ORCH-001')).status).toBe(201);
    const { status, body } = await depend('ORCH-001', 'ET-001');
    expect(status).toBe(409);
    expect(body.error.details.path).toEqual(['ORCH-001', 'ET-001', 'ORCH-001']);
  });

  test('needs two work items that somebody knows', async () => {
    await opened('ET-001');
    expect((await depend('ET-404', 'ET-001')).status).toBe(404);
    expect((await depend('ET-001', 'ET-404')).status).toBe(404);
    expect((await doors.delete('/tasks/ET-001/dependencies/ET-404')).status).toBe(404);
    expect((await doors.post('/tasks/ET-001/dependencies', {})).status).toBe(400);
  });

  test('on a task that has ended holds nobody', async () => {
    await ended('ET-001');
    await opened('ET-002');
    await depend('ET-002', 'ET-001');
    const [declared] = await doors.log.readAll({ types: ['DependencyDeclared'] });
    expect(declared?.data).toMatchObject({ dependsOn: 'ET-001', ended: true });
  });
});

describe('cancelling a task', () => {
  test('ends it once, with the operator and the reason', async () => {
    const story = await cancellable();
    const cancelled = await doors.post('/tasks/ET-1/cancel', { reason: 'no longer needed' }, { 'x-actor': 'maria' });
    expect(cancelled).toMatchObject({ status: 200, body: { work_item: 'ET-001', cancelled: true, changed: true } });
    expect((await doors.post('/tasks/ET-001/cancel', {})).body.changed).toBe(false);
    const [event] = await doors.log.readAll({ types: ['TaskCancelled'] });
    expect(event).toMatchObject({ stream: `task-${story}`, data: { reason: 'no longer needed' } });
    expect(event?.metadata.actor).toBe('operator:maria');
    expect((await doors.get('/status')).body.tasks).toEqual([]);
  });

  test('is refused for a task that is done, and for one that nobody knows', async () => {
    await ended('ET-001');
    expect((await doors.post('/tasks/ET-001/cancel', {})).status).toBe(409);
    expect((await doors.post('/tasks/ET-404/cancel', {})).status).toBe(404);
  });

  async function cancellable(): Promise<number> {
    const story = await opened('ET-001');
    return story.taskId;
  }
});

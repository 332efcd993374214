import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { linesOf } from '../../src/cli/why.js';
import { Doors } from '../support/doors.js';
import { TaskStory } from '../support/task-story.js';

const PROJECTS = [{ repo: 'enduro-trails', prefix: 'ET' }];

let doors: Doors;
let story: TaskStory;

beforeEach(async () => {
  doors = await Doors.open({}, PROJECTS);
  story = new TaskStory(doors.log);
  await story.open();
  await story.queueJob();
  await doors.caughtUp();
});
afterEach(() => doors.close());

describe('asking why a task does not move', () => {
  test('names who paused it and by which event, over HTTP and over GraphQL alike', async () => {
    await doors.post('/serial-gate/pause?work_item=ET-1', {}, { 'x-actor': 'maria' });
    const { status, body } = await doors.get('/tasks/ET-1/why');
    expect(status).toBe(200);
    const [paused] = await doors.log.readAll({ types: ['TaskPaused'] });
    expect(body).toEqual({
      work_item: 'ET-001',
      stage: 'analysis',
      waiting: true,
      reasons: [
        {
          ...{ code: 'paused', ref: 'ET-001', since: paused?.recordedAt, position: paused?.position },
          ...{ actor: 'operator:maria', clearsWhen: 'an operator resumes ET-001' },
        },
      ],
      next: expect.stringMatching(/^the analyst \(job \d+\) starts$/),
    });
    const { task } = await doors.ask(
      '{ task(workItem: "ET-001") { waits { code ref since position actor clearsWhen } } }',
    );
    expect(task.waits).toEqual([{ ...body.reasons[0], position: String(body.reasons[0].position) }]);
    expect(linesOf(body).join('\n')).toMatch(
      /ET-001 is in analysis and waits[\s\S]*operator:maria\s+an operator resumes/,
    );
  });

  test('answers as of a position, like the status and the queue', async () => {
    const before = await doors.log.head();
    await doors.post('/serial-gate/pause?work_item=ET-001', {});
    expect((await doors.get(`/tasks/ET-001/why?at=${before}`)).body.waiting).toBe(false);
    expect((await doors.get(`/status?at=${before}`)).body.tasks[0].paused_at).toBeNull();
    expect((await doors.get('/status')).body.tasks[0].paused_at).not.toBeNull();
    const queue = await doors.get(`/queue?at=${before}`);
    expect(queue.body).toMatchObject({
      position: before,
      serial_gate: { per_repo: { 'enduro-trails': { paused: [] } } },
    });
  });

  test('knows nothing of a work item that has no task, or had none by then', async () => {
    expect((await doors.get('/tasks/ET-404/why')).status).toBe(404);
    const { status, body } = await doors.get('/tasks/ET-001/why?at=1');
    expect([status, body.error.code]).toEqual([404, 'unknown-task']);
    expect((await doors.get('/tasks/ET-001/why?at=yesterday')).status).toBe(400);
  });
});

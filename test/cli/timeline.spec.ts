import { beforeAll, describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { openSqliteEventLog } from '../../src/event-log/sqlite/sqlite-event-log.js';
import { TaskStory } from '../support/task-story.js';
import { temporaryFolders } from '../support/temporary-folder.js';
import { orchestrator } from './command-line.js';

const folders = temporaryFolders();

let folder: string;
let count: number;

/** Every event comes a second and a half after the one before. */
beforeAll(async () => {
  folder = await folders();
  let now = Date.parse('2026-01-01T10:00:00.000Z');
  const log = await openSqliteEventLog({ path: join(folder, 'events.db'), clock: { now: () => (now += 1_500) } });
  const story = new TaskStory(log, 'ET-001');
  await story.open();
  await story.work('analyst', 0.25);
  await story.work('analyst', null);
  await story.sendBack('the map is\nupside down', 1);
  count = (await log.readAll()).length;
  await log.close();
});

const settings = () => ({ ORCH_DATA_DIR: folder });

describe('timeline', () => {
  test('tells what happened, how long after the beginning, and because of what', async () => {
    const { lines, exitCode } = await orchestrator(folder, ['timeline', 'ET-1'], settings());
    expect(exitCode).toBe(0);
    expect(lines[0]).toBe('ET-001  Add a map  (feature/ET-001-add-a-map)');
    expect(lines[2]).toMatch(/^time +elapsed +event +because of +what happened$/);
    expect(lines[3]).toMatch(/^10:00:01\.500 +\+0 ms +1 +system +ET-001 was started/);
    expect(lines[4]).toMatch(/^10:00:03\.000 +\+1\.5 s +2 +1 TaskRequested +Task 1 opened/);
  });

  test('keeps one line per event, whatever the event says', async () => {
    const { lines } = await orchestrator(folder, ['timeline', 'ET-001'], settings());
    expect(lines.slice(3, -2)).toHaveLength(count);
    expect(lines.join('\n')).toContain('the map is ⏎ upside down');
  });

  test('sums up with the cost that is known, and says how many runs hide theirs', async () => {
    const { lines } = await orchestrator(folder, ['timeline', 'ET-001'], settings());
    expect(lines.at(-1)).toBe(`${count} events in 25.5 s, 2 agent runs for 0.25 USD and 1 of unknown cost`);
  });

  test('with --json is one object a line', async () => {
    const { lines } = await orchestrator(folder, ['timeline', 'ET-001', '--json'], settings());
    expect(lines).toHaveLength(count);
    expect(JSON.parse(lines[1] ?? '')).toMatchObject({
      ...{ position: '2', type: 'TaskOpened', stream: 'task-1', sinceStartMs: 1_500, sincePreviousMs: 1_500 },
    });
  });

  test('of an unknown work item ends with 1 and says so', async () => {
    const { exitCode, stderr, stdout } = await orchestrator(folder, ['timeline', 'ET-7'], settings());
    expect({ exitCode, stderr, stdout }).toEqual({ exitCode: 1, stderr: 'The log has no event of ET-007', stdout: '' });
  });
});

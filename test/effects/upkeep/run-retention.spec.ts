import { Logger } from '@nestjs/common';
import { existsSync } from 'node:fs';
import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { RunRetention } from '../../../src/effects/upkeep/run-retention.js';
import { toIso } from '../../../src/kernel/time.js';
import { Work } from '../../../src/projections/work.js';
import { identify } from '../../../src/queue/supervisor/process-identity.js';
import { RunDirectory } from '../../../src/queue/supervisor/run-directory.js';
import { Supervisor } from '../../../src/queue/supervisor/supervisor.js';
import { Doors } from '../../support/doors.js';
import { TaskStory } from '../../support/task-story.js';

Logger.overrideLogger(false);

const DAY_MS = 24 * 3_600_000;
const NOW = Date.parse('2026-06-15T12:00:00.000Z');

let doors: Doors;
beforeEach(async () => {
  doors = await Doors.open();
});
afterEach(() => doors.close());

function pathOf(name: string): string {
  return join(doors.folder, 'runs', name);
}

/** A run of this host whose processes are gone, with the record of its end. */
async function ended(name: string, daysAgo: number): Promise<void> {
  const run = await gone(name, daysAgo);
  const end = { exitCode: 0, signal: null, stoppedBecause: null, stopRequest: null, survivors: [] };
  const endedAt = toIso(NOW - daysAgo * DAY_MS);
  await run.recordExit({ runId: name, fence: 1, ...end, startedAt: endedAt, endedAt });
}

/** Without that record. */
async function gone(name: string, daysAgo: number, pid?: number): Promise<RunDirectory> {
  const run = new RunDirectory(pathOf(name));
  await run.create();
  const process = pid === undefined ? { pid: 1, startTicks: 1, bootId: 'another boot' } : identify(pid);
  if (process === null) throw new Error(`Process ${pid} is gone`);
  await run.claim({ runId: name, fence: 1, supervisor: process, process });
  const then = (NOW - daysAgo * DAY_MS) / 1000;
  for (const path of [join(run.path, 'proc.json'), run.path]) await utimes(path, then, then);
  return run;
}

async function kept(names: readonly string[], now = NOW): Promise<string[]> {
  await doors.caughtUp();
  const [work, supervisor, dataDir] = [doors.app.get(Work), new Supervisor(), doors.folder];
  await new RunRetention({ clock: { now: () => now }, work, supervisor, dataDir, days: 14 }).look();
  return names.filter((name) => existsSync(pathOf(name)));
}

describe('the folder of a run', () => {
  test('is kept as many days as the operator says after the end of the run, and then removed', async () => {
    await ended('young', 13.9);
    await ended('old', 14.1);
    expect(await kept(['young', 'old'])).toEqual(['young']);
    expect(await kept(['young'], NOW + DAY_MS)).toEqual([]);
  });

  test('stays while its processes are alive, however old it is', async () => {
    await gone('alive', 100, process.pid);
    expect(await kept(['alive'])).toEqual(['alive']);
  });

  test('of a run that is lost is as old as its youngest file', async () => {
    await gone('lost', 20);
    const run = await gone('lost-today', 20);
    await writeFile(run.stdout, 'last words');
    expect(await kept(['lost', 'lost-today'])).toEqual(['lost-today']);
  });

  test('that never came to a process is removed as well', async () => {
    await mkdir(pathOf('never-started'), { recursive: true });
    await utimes(pathOf('never-started'), 1, 1);
    expect(await kept(['never-started'])).toEqual([]);
  });

  test('stays while the log does not know the end of the run, after weeks without the service too', async () => {
    const story = new TaskStory(doors.log, 'ET-001');
    await story.open();
    const claim = await story.claim(await story.queueJob());
    await story.start(claim);
    const { runId } = claim.data as { runId: string };
    await ended(runId, 40);
    expect(await kept([runId])).toEqual([runId]);
    await story.succeed(claim, await story.end(claim));
    expect(await kept([runId])).toEqual([]);
  });

  test('that cannot be understood stays, and keeps no other from being removed', async () => {
    await ended('a-old', 20);
    await mkdir(pathOf('b-strange'), { recursive: true });
    await writeFile(join(pathOf('b-strange'), 'proc.json'), 'no JSON');
    await ended('c-old', 20);
    expect(await kept(['a-old', 'b-strange', 'c-old'])).toEqual(['b-strange']);
  });
});

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Config } from '../../../src/config/config.js';
import type { GateReading } from '../../../src/domain/task/commands.js';
import type { GateCheckRequested } from '../../../src/domain/task/events.js';
import { LocalTests } from '../../../src/effects/task/local-tests.js';
import { ProjectCommands } from '../../../src/effects/task/project-commands.js';
import { InMemoryEventLog } from '../../../src/event-log/in-memory/in-memory-event-log.js';
import { ForgeRepository, KEY } from '../../integrations/git/forge-repository.js';
import { seed } from '../../support/seed.js';

let forge: ForgeRepository;
let log: InMemoryEventLog;
let head: string;

beforeEach(async () => {
  forge = await ForgeRepository.create();
  log = new InMemoryEventLog();
  head = await forge.personPushes(KEY.branch, { 'src/app.js': 'two\n' });
});
afterEach(() => forge.remove());

/** As an orchestrator that has just been started; the tests are green where the app says so. */
function testing(command = 'grep -q two src/app.js'): LocalTests {
  const projects = [{ repo: 'sample', testCommand: `echo run >> ${forge.root}/runs; ${command}` }];
  return new LocalTests(log, new ProjectCommands({ projects } as unknown as Config, forge.worktrees()));
}

function check(visit = 4): GateCheckRequested['data'] {
  const work = { taskId: 7, workItem: KEY.workItem, repo: 'sample', branch: KEY.branch, stage: 'development' } as const;
  const commit = { head, codeTree: 'tree' };
  const asked = {
    gates: ['check_tests_local'],
    artifacts: [],
    pullRequest: 3,
    landed: null,
    trigger: 'job-1',
  } as const;
  return { ...work, ...asked, visit, round: 1, commit };
}

/** What the pipeline does with an answer. */
function recorded(reading: GateReading, visit = 4): Promise<unknown> {
  return seed(log, { stream: 'task-7', type: 'GateEvaluated', data: { stage: 'development', visit, ...reading } });
}

function runs(): number {
  const file = join(forge.root, 'runs');
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0;
}

describe('the tests of a project without a CI', () => {
  test('are run once for a head: what is recorded is the answer from then on, after a restart too', async () => {
    const first = await testing().answer(check());
    expect(first).toMatchObject({ answer: 'passed', reason: `the test command at ${head} is green` });
    await recorded(first);
    expect(await testing().answer(check())).toEqual(first);
    expect(await testing().known(check())).toEqual(first);
    expect(runs()).toBe(1);
  });

  test('are run again when the answer was not recorded before a crash', async () => {
    await testing().answer(check());
    await testing().answer(check());
    expect(runs()).toBe(2);
  });

  test('are run anew for another head, another command and another visit', async () => {
    await recorded(await testing().answer(check()));
    await testing().answer(check(6));
    await testing('true').answer(check());
    head = await forge.personPushes(KEY.branch, { 'src/app.js': 'three\n' });
    const red = await testing().answer(check());
    expect(red).toMatchObject({ answer: 'failed', reason: expect.stringContaining('is red') });
    expect(runs()).toBe(4);
  });

  test('are not run by who only looks, who may ask for them', async () => {
    expect(await testing().known(check())).toMatchObject({
      answer: 'passed',
      reason: expect.stringContaining('not been run'),
    });
    expect(runs()).toBe(0);
  });
});

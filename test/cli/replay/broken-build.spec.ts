import { beforeAll, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { cp, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { withoutSettings } from '../../support/built/built-orchestrator.js';
import { incident, intoFile } from '../../replay/recording/log-text.js';
import { temporaryFolders } from '../../support/temporary-folder.js';
import { CLI } from '../command-line.js';
import { told } from '../in-this-process.js';

const folders = temporaryFolders();
const BUILD = dirname(dirname(dirname(CLI)));
let db: string;

/** A log, and the tables that the right build made of it. */
beforeAll(async () => {
  db = join(await folders(), 'events.db');
  await intoFile(db, await incident('zombie-deployer'));
  await told('replay', 'rebuild', '--db', db);
});

/** The build with one line of it changed, as a slip of the hand would. */
async function buildWith(file: string, right: string, wrong: string): Promise<string> {
  const folder = await folders();
  await cp(join(BUILD, 'dist'), join(folder, 'dist'), { recursive: true });
  for (const beside of ['node_modules', 'migrations', 'package.json', 'projects.schema.json'])
    await symlink(join(BUILD, beside), join(folder, beside));
  const path = join(folder, 'dist', file);
  const code = await readFile(path, 'utf8');
  expect(code.split(right)).toHaveLength(2);
  await writeFile(path, code.replace(right, wrong));
  return join(folder, 'dist/cli/main.js');
}

async function verifiedBy(cli: string) {
  const env = { ...withoutSettings(process.env), NO_COLOR: '1', NODE_OPTIONS: '' };
  const args = [cli, 'replay', 'verify', '--db', db];
  return execa(process.execPath, args, { env, extendEnv: false, reject: false, cwd: dirname(db) });
}

describe('replay verify of a build', () => {
  test('whose decider is broken names the decisions, what was recorded and what it comes to now', async () => {
    const right = 'maxAttempts: policy.jobs.maxAttempts }';
    const { exitCode, stdout, stderr } = await verifiedBy(
      await buildWith('domain/job/decide.js', right, 'maxAttempts: policy.jobs.maxAttempts + 5 }'),
    );
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' });
    expect(stdout).toMatch(/^tables .*: all the same$/m);
    expect(stdout).toMatch(/^decisions .*: \d+ decisions differ$/m);
    expect(stdout).toMatch(
      /^ +\d+ .*Z {2}ORCH-065 {2}QueueJob for job-\d+: the same command comes to something else$/m,
    );
    expect(stdout).toMatch(/^ +recorded {2}2 {2}JobQueued[.]maxAttempts\n +now {7}7 {2}JobQueued[.]maxAttempts$/m);
  }, 60_000);

  test('whose saga is broken names the command that it would give now, and because of what', async () => {
    const { exitCode, stdout, stderr } = await verifiedBy(
      await buildWith('sagas/pipeline.js', 'agent: role, stage,', "agent: 'tester', stage,"),
    );
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' });
    expect(stdout).toMatch(
      /^ +\d+ .*QueueJob of pipeline for job-\d+: the saga gives another command for the same event$/m,
    );
    expect(stdout).toMatch(/^ +recorded {2}analyst {2}payload[.]agent\n +now {7}tester {2}payload[.]agent$/m);
  }, 60_000);

  test('whose projection is broken names table, row, column, both values and the first event at which they part', async () => {
    const { exitCode, stdout, stderr } = await verifiedBy(
      await buildWith('projections/task/tasks.js', "stage: 'cancelled',", "stage: 'done',"),
    );
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' });
    expect(stdout).toMatch(/^tables .*: \d+ rows? differs?$/m);
    expect(stdout).toMatch(
      /^ +changed {2}tasks \d+ {2}stage\n +live {5}cancelled\n +rebuilt {2}done\n +(set by|they part at) \d+ .*TaskCancelled/m,
    );
    expect(stdout).toMatch(/^decisions .*: all the same$/m);
  }, 60_000);
});

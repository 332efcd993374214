import { beforeAll, describe, expect, test } from '@jest/globals';
import { copyFile, mkdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openSqliteEventLog } from '../../src/event-log/sqlite/sqlite-event-log.js';
import { appendTo, newEvent } from '../event-log/contract/events.js';
import { incident, intoFile } from '../replay/recording/log-text.js';
import { temporaryFolders } from '../support/temporary-folder.js';
import { told } from './in-this-process.js';

const folders = temporaryFolders();
let folder: string;
let db: string;

beforeAll(async () => {
  folder = await folders();
  db = join(folder, 'events.db');
  await intoFile(db, await incident('orch-116-holds-orch-123'));
  await mkdir(join(folder, 'folder'));
  await writeFile(join(folder, 'text.db'), 'hello');
  await writeFile(join(folder, 'empty.db'), '');
  await copyFile(db, join(folder, 'cut.db'));
  await truncate(join(folder, 'cut.db'), 20_000);
  await told('replay', 'rebuild', '--db', db);
});

/** One clear sentence, and no trace of the code that said it. */
async function expectRefusal(args: readonly string[], exitCode: number, sentence: RegExp): Promise<void> {
  const said = await told(...args);
  expect({ exitCode: said.exitCode, stderr: said.stderr }).toEqual({
    exitCode,
    stderr: expect.stringMatching(sentence),
  });
  expect(said.stderr).not.toMatch(/\n\s+at |Error:|node:/);
  expect(said.stdout).toBe('');
}

const READING: readonly (readonly string[])[] = [
  ['log', 'tail'],
  ['log', 'show', '1'],
  ['log', 'trace', 'ORCH-123'],
  ['log', 'verify'],
  ['log', 'digest'],
  ['timeline', 'ORCH-123'],
  ['why', 'ORCH-123'],
  ['queue', '--at', '5'],
  ['status', '--at', '5'],
  ['replay', 'rebuild'],
  ['replay', 'verify'],
  ['replay', 'at', '5'],
  ['replay', 'diff', '5', '6'],
  ['replay', 'step', 'ORCH-123'],
  ['replay', 'blame', 'tasks', 'ORCH-123', 'stage'],
  ['replay', 'what-if', '--set', 'ORCH_MAX_CONCURRENCY=2'],
];

describe('a place where no log is, given to any reading command, ends with 3 and says what is there', () => {
  test.each(READING.map((args) => [args.join(' '), args] as const))('%s', async (_, args) => {
    const at = (name: string): readonly string[] => [...args, '--db', join(folder, name)];
    await expectRefusal(at('nowhere.db'), 3, /^There is no event log at .*nowhere[.]db$/);
    await expectRefusal(at('folder'), 3, /folder is a directory: name the file of the log, such as .*events[.]db$/);
    await expectRefusal(at('text.db'), 3, /text[.]db is not a SQLite file$/);
    await expectRefusal(at('empty.db'), 3, /empty[.]db is not an event log$/);
    await expectRefusal(at('read-models.db'), 3, /read-models[.]db is not an event log$/);
    await expectRefusal(at('cut.db'), 3, /cut[.]db is damaged: restore it from a backup$/);
    await expectRefusal(
      [...args, '--db', 'http://127.0.0.1:1'],
      2,
      /is no address of an event store, which begins with esdb/,
    );
  });
});

describe('a moment that is none ends with 2', () => {
  test.each([
    ['yesterday', /^'yesterday' is neither a position of the log nor an ISO time such as 2026-01-31T12:00:00Z$/],
    ['-5', /neither a position of the log nor an ISO time/],
    ['1.5', /neither a position of the log nor an ISO time/],
    ['2026-13-45', /neither a position of the log nor an ISO time/],
    ['0', /^There was nothing yet at '0': the log begins with position 1 at 2026-03-02T09:00:00.014Z$/],
    ['2020-01-01', /^There was nothing yet at '2020-01-01'/],
    ['999', /^Position 999 is beyond the end of the log, which is at 177$/],
  ])('%s', async (moment, sentence) => {
    const questions = [
      ['why', 'ORCH-123', `--at=${moment}`],
      ['queue', `--at=${moment}`],
      ['replay', 'at', '--db', db, '--', moment],
      ['replay', 'diff', '--db', db, '--', '5', moment],
    ];
    for (const question of questions)
      await expectRefusal(question.includes('--db') ? question : [...question, '--db', db], 2, sentence);
  });

  test('a time without a zone is UTC, as all times are that are shown', async () => {
    const [named, utc] = [
      await told('replay', 'at', '2026-03-02T13:00:00', '--db', db, '--json'),
      await told('replay', 'at', '2026-03-02T13:00:00Z', '--db', db, '--json'),
    ];
    expect(named.stdout).toBe(utc.stdout);
  });
});

describe('other questions that cannot be answered', () => {
  test.each([
    [['why', 'NOPE-1'], 2, /^The log has no task of NOPE-1$/],
    [['timeline', 'NOPE-1'], 1, /^The log has no event of NOPE-001$/],
    [
      ['replay', 'step', 'nothing'],
      1,
      /^Nothing in the log concerns nothing \(a work item, or one of the read models tasks, /,
    ],
    [['replay', 'blame', 'tasks', 'ORCH-123', 'color'], 2, /^tasks has no field color; it has id, /],
    [['replay', 'blame', 'colors', 'a', 'b'], 2, /^There is no read model colors; there are tasks, /],
    [['replay', 'blame', 'tasks', 'ORCH-999', 'stage'], 1, /^tasks has no row of ORCH-999$/],
    [['replay', 'what-if', '--set', 'ORCH_SPEED'], 2, /^'ORCH_SPEED' is not of the form NAME=value/],
    [
      ['replay', 'verify', '--read-models', '/nowhere/tables.db'],
      3,
      /^There are no read models at \/nowhere\/tables.db$/,
    ],
    [['log', 'export', '-o', '/nowhere/bundle'], 3, /^\/nowhere\/bundle cannot be written: its folder is not there$/],
  ] as const)('%j ends with %d', async (args, exitCode, sentence) => {
    await expectRefusal([...args, '--db', db], exitCode, sentence);
  });

  test('a bundle that is a directory, or not there', async () => {
    const log = join(folder, 'new.db');
    await expectRefusal(['log', 'import', join(folder, 'folder'), '--db', log], 3, /: it is a directory$/);
    await expectRefusal(['log', 'import', join(folder, 'none'), '--db', log], 3, /^There is no bundle at .*none$/);
  });
});

describe('an event that this release does not know', () => {
  test.each([
    [
      'a type',
      newEvent('x', { type: 'TaskTeleported' }),
      /TaskTeleported of version 1, which this release does not know/,
    ],
    [
      'a version',
      { ...newEvent('y', { type: 'TaskOpened' }), metadata: { ...newEvent('y').metadata, schemaVersion: 9 } },
      /TaskOpened of version 9, which this release knows up to version 1/,
    ],
  ])(
    '%s stops a rebuild and a verify with its position and what to do, and the live tables stay as they are',
    async (_, event, what) => {
      const place = await folders();
      const newer = join(place, 'events.db');
      const tables = join(place, 'read-models.db');
      await intoFile(newer, await incident('zombie-deployer'));
      await told('replay', 'rebuild', '--db', newer);
      const before = await readFile(tables);
      const log = await openSqliteEventLog({ path: newer, clock: { now: () => Date.parse('2026-04-01') } });
      const position = (await log.head()) + 1;
      await appendTo(log, 'task-9999', 'no-stream', event);
      await log.close();
      for (const command of ['rebuild', 'verify']) {
        const { exitCode, stderr } = await told('replay', command, '--db', newer, '--json');
        expect({ exitCode, stderr }).toEqual({ exitCode: 3, stderr: expect.stringMatching(what) });
        expect(stderr).toMatch(
          new RegExp(
            `^The event at position ${position} of ${newer} is .*: use the release that wrote it, or a newer one$`,
          ),
        );
      }
      expect(await readFile(tables)).toEqual(before);
      expect(await told('timeline', 'ORCH-065', '--db', newer)).toMatchObject({ exitCode: 0 });
    },
  );
});

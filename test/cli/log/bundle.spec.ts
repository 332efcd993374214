import { beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openSqliteEventLog } from '../../../src/event-log/sqlite/sqlite-event-log.js';
import { verifyChain } from '../../../src/event-log/sqlite/verify/verify.js';
import { simulateLogFile } from '../../support/simulation/simulate.js';
import { temporaryFolders } from '../../support/temporary-folder.js';
import { told } from '../in-this-process.js';

const folders = temporaryFolders();

let folder: string;
let db: string;
let bundle: string;
let workItem: string;
let from: number;
let to: number;

/** The bundle of a task from the middle of the log, with others before, beside and after it. */
beforeAll(async () => {
  folder = await folders();
  db = join(folder, 'events.db');
  await simulateLogFile(db, { events: 2_500, seed: 9 });
  const log = await openSqliteEventLog({ path: db, clock: { now: () => Date.now() }, readOnly: true });
  const [opened] = await log.readAll({ types: ['TaskOpened'], after: 700, limit: 1 });
  workItem = opened?.metadata.$correlationId ?? '';
  await log.close();
  bundle = join(folder, 'bundle.ndjson');
  const { stdout } = await run('log', 'export', '--task', workItem, '-o', bundle, '--db', db, '--json');
  ({ from, to } = JSON.parse(stdout));
}, 60_000);

const run = told;

async function imported(file: string): Promise<string> {
  const path = join(await folders(), 'events.db');
  const { exitCode, stderr } = await run('log', 'import', file, '--db', path);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  return path;
}

async function expectSameAnswer(copy: string, ...question: readonly string[]): Promise<void> {
  const original = await run(...question, '--db', db, '--json');
  const again = await run(...question, '--db', copy, '--json');
  expect({ question, answer: again.stdout, exitCode: again.exitCode }).toEqual({
    question,
    answer: original.stdout,
    exitCode: original.exitCode,
  });
  expect(original.stdout).not.toBe('');
}

describe('log export and log import', () => {
  test('the bundle of a task answers every question about it, and about all others meanwhile, as the original does', async () => {
    expect(from).toBeGreaterThan(500);
    const copy = await imported(bundle);
    const [middle, end] = [String(Math.floor((from + to) / 2)), String(to)];
    await expectSameAnswer(copy, 'timeline', workItem);
    await expectSameAnswer(copy, 'why', workItem, '--at', middle);
    await expectSameAnswer(copy, 'queue', '--at', middle);
    await expectSameAnswer(copy, 'status', '--at', end);
    await expectSameAnswer(copy, 'replay', 'at', middle, '--task', workItem);
    await expectSameAnswer(copy, 'log', 'tail', '--since', String(from), '--until', end);
  }, 60_000);

  test('what was imported is intact by its own links, and is never continued', async () => {
    const copy = await imported(bundle);
    expect(await verifyChain(copy)).toMatchObject({ intact: true, head: { position: to } });
    const clock = { now: () => Date.now() };
    await expect(openSqliteEventLog({ path: copy, clock })).rejects.toThrow(/is an excerpt of a log: it is read/);
    const { exitCode, stderr } = await run('queue', '--at', String(from - 100), '--db', copy);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: `At '${from - 100}' this excerpt is not whole: it is from position ${from} on`,
    });
  });

  test('a whole log stays a whole log, with its identity, and goes on', async () => {
    const file = join(folder, 'whole.ndjson');
    await run('log', 'export', '-o', file, '--db', db);
    const copy = await imported(file);
    const [original, again] = [await run('log', 'digest', '--db', db), await run('log', 'digest', '--db', copy)];
    expect(again.stdout).toBe(original.stdout);
    const log = await openSqliteEventLog({ path: copy, clock: { now: () => Date.now() } });
    await expect(log.head()).resolves.toBeGreaterThan(2_000);
    await log.close();
  });

  test('with --redact nobody can read what people wrote, and the chain holds all the same', async () => {
    const file = join(folder, 'redacted.ndjson');
    await run('log', 'export', '--task', workItem, '--redact', '-o', file, '--db', db);
    const text = await readFile(file, 'utf8');
    expect(await readFile(bundle, 'utf8')).toMatch(
      /Customers call support|The old behaviour|Nothing changes for orders/,
    );
    expect(text).not.toMatch(/Customers call support|The old behaviour|Nothing changes for orders/);
    expect(await verifyChain(await imported(file))).toMatchObject({ intact: true });
  });

  test('asked for what the log does not have, it makes no file', async () => {
    const file = join(folder, 'nothing.ndjson');
    const { exitCode, stderr } = await run('log', 'export', '--task', 'SHOP-9999', '-o', file, '--db', db);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^The log has nothing of SHOP-9999 between position 1 and \d+$/);
    expect(existsSync(file)).toBe(false);
  });
});

describe('a bundle that is not what was exported is refused with one sentence, and nothing of it is kept', () => {
  const bad: readonly (readonly [string, (lines: string[]) => readonly string[], RegExp])[] = [
    ['cut off', (lines) => lines.slice(0, -40), /it ends after line \d+, before its last line: it was cut off$/],
    [
      'cut in the middle of a line',
      (lines) => [...lines.slice(0, 50), lines[50]?.slice(0, 80) ?? ''],
      /line 51 is not a JSON object$/,
    ],
    [
      'with an event changed',
      (lines) => lines.map((line, index) => (index === 20 ? line.replace('"actor":"', '"actor":"x') : line)),
      /line 21 is not the event that was exported$/,
    ],
    [
      'with an event taken out',
      (lines) => lines.filter((_, index) => index !== lines.length - 30),
      /line \d+ is not the event/,
    ],
    [
      'with the manifest changed',
      (lines) => lines.map((line, index) => (index === 0 ? line.replace(/"from":\d+/, '"from":2') : line)),
      /does not fit the lines before it/,
    ],
    [
      'of a later format',
      (lines) => lines.map((line, index) => (index === 0 ? line.replace('"version":1', '"version":2') : line)),
      /line 1 names version 2 of the format, and this release reads version 1$/,
    ],
    ['that is another file', () => ['hello'], /line 1 is not a JSON object$/],
    ['that is another NDJSON file', () => ['{"a":1}'], /line 1 is not the manifest of a bundle that log export made$/],
    ['that is empty', () => [], /it is empty$/],
  ];

  test.each(bad)('%s', async (name, spoil, sentence) => {
    const file = join(folder, `${name.replaceAll(' ', '-')}.ndjson`);
    const lines = spoil((await readFile(bundle, 'utf8')).trimEnd().split('\n'));
    await writeFile(file, lines.length === 0 ? '' : `${lines.join('\n')}\n`);
    const path = join(await folders(), 'events.db');
    const { exitCode, stderr } = await run('log', 'import', file, '--db', path);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(sentence);
    expect(stderr.startsWith(`${file} cannot be imported: `)).toBe(true);
    expect(await verifyChain(path)).toMatchObject({ intact: true, head: { position: 0 } });
  });

  test('nor is anything imported into a log that has events', async () => {
    const { exitCode, stderr } = await run('log', 'import', bundle, '--db', db);
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/a bundle is imported into an empty log only, name a new file with --db$/);
  });
});

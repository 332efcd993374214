import { beforeAll, describe, expect, test } from '@jest/globals';
import { copyFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolders } from '../../support/temporary-folder.js';
import { told } from '../in-this-process.js';

const FIXTURES = fileURLToPath(new URL('../../fixtures/events/', import.meta.url));
const RELEASES = (await readdir(FIXTURES)).filter((name) => /^release-.*[.]db$/.test(name));
const folders = temporaryFolders();

describe.each(RELEASES)('a log that %s holds', (release) => {
  let db: string;
  let workItem: string;
  let job: string;

  beforeAll(async () => {
    db = join(await folders(), 'events.db');
    await copyFile(join(FIXTURES, release), db);
    const { lines } = await told('log', 'tail', '--type', 'JobQueued', '--db', db, '--json');
    const { correlationId, data } = JSON.parse(lines[0] ?? '') as { correlationId: string; data: { jobId: number } };
    [workItem, job] = [correlationId, String(data.jobId)];
    await told('replay', 'rebuild', '--db', db);
  });

  test.each([
    'log tail',
    'log show 5',
    'log trace W',
    'log verify',
    'log digest',
    'timeline W',
    'why W --at 50',
    'queue --at 50',
    'status --at 50',
    'replay rebuild',
    'replay verify --only tables',
    'replay at 50',
    'replay at 50 --task W',
    'replay step jobs --key J',
    'replay blame tasks W stage',
    'replay what-if --set ORCH_REAPER_INTERVAL_S=5',
  ])('answers %s', async (question) => {
    const words = question.split(' ').map((word) => ({ W: workItem, J: job })[word] ?? word);
    const { exitCode, stdout, stderr } = await told(...words, '--db', db);
    expect({ exitCode, stderr }).toEqual({ exitCode: question.startsWith('why') ? exitCode : 0, stderr: '' });
    expect(exitCode).toBeLessThanOrEqual(1);
    expect(stdout).not.toBe('');
  });

  test('decides again as far as the rules are the same, and names the decisions of other rules one by one', async () => {
    const { exitCode, lines, stderr } = await told('replay', 'verify', '--only', 'decisions', '--db', db, '--json');
    const [summary, ...findings] = lines.map((line) => JSON.parse(line) as { kind: string; differing: number });
    expect(stderr).toBe('');
    expect(exitCode).toBe(summary?.differing === 0 ? 0 : 1);
    expect(findings.filter(({ kind }) => kind !== 'reaction-open')).toHaveLength(summary?.differing ?? -1);
    expect(findings.filter(({ kind }) => kind === 'saga-fault')).toEqual([]);
  });
});

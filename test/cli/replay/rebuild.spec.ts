import { beforeAll, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InstanceLock } from '../../../src/event-log/sqlite/side-tables/instance-lock.js';
import { Connection } from '../../../src/projections/engine/connection.js';
import { besideOf } from '../../../src/projections/rebuild/rebuild.js';
import { withoutSettings } from '../../support/built/built-orchestrator.js';
import { incident, intoFile } from '../../replay/recording/log-text.js';
import { simulateLogFile } from '../../support/simulation/simulate.js';
import { temporaryFolders } from '../../support/temporary-folder.js';
import { until } from '../../support/until.js';
import { CLI, orchestrator } from '../command-line.js';
import { told } from '../in-this-process.js';

/** Three batches of a rebuild, so that there is a middle. */
const EVENTS = 26_000;
const folders = temporaryFolders();
let folder: string;
let db: string;

beforeAll(async () => {
  folder = await folders();
  db = join(folder, 'events.db');
  await simulateLogFile(db, { events: EVENTS, seed: 3 });
}, 120_000);

/** Live tables that say something else than the log, so that a swap would show. */
async function staleTables(): Promise<string> {
  const live = join(await folders(), 'read-models.db');
  const other = join(folder, 'other.db');
  if (!existsSync(other)) await intoFile(other, await incident('zombie-deployer'));
  await told('replay', 'rebuild', '--db', other, '--read-models', live);
  return live;
}

function rebuilding(live: string) {
  const env = { ...withoutSettings(process.env), NO_COLOR: '1', NODE_OPTIONS: '' };
  const args = [CLI, 'replay', 'rebuild', '--db', db, '--read-models', live];
  return execa(process.execPath, args, { env, extendEnv: false, reject: false, cwd: folder });
}

async function positionIn(path: string): Promise<number> {
  if (!existsSync(path)) return 0;
  const connection = await Connection.open(path, 'read').catch(() => null);
  const rows = await connection?.all<{ position: number }>('SELECT position FROM checkpoint').catch(() => []);
  await connection?.close();
  return rows?.[0]?.position ?? 0;
}

const digestOf = async (path: string): Promise<string> =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex');

describe('a rebuild', () => {
  test('that is killed in the middle has left the live tables alone, and the next one goes on from there and swaps', async () => {
    const live = await staleTables();
    const before = await digestOf(live);
    const child = rebuilding(live);
    await until(async () => (await positionIn(besideOf(live))) > 0, 'the first batch is in the file beside', 60_000);
    child.kill('SIGKILL');
    await child;
    expect(await digestOf(live)).toBe(before);
    const reached = await positionIn(besideOf(live));
    const resumed = await told('replay', 'rebuild', '--db', db, '--read-models', live, '--json');
    expect(JSON.parse(resumed.stdout)).toMatchObject({ swapped: true, from: String(reached) });
    expect(existsSync(besideOf(live))).toBe(false);
    expect(await told('replay', 'verify', '--only', 'tables', '--db', db, '--read-models', live)).toMatchObject({
      exitCode: 0,
    });
  }, 120_000);

  test('that is interrupted ends with 1, says where it stopped, and leaves the live tables alone', async () => {
    const live = await staleTables();
    const before = await digestOf(live);
    const child = rebuilding(live);
    await until(() => existsSync(besideOf(live)), 'it has begun', 60_000);
    child.kill('SIGINT');
    const { exitCode, stderr, stdout } = await child;
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toMatch(
      /^Stopped at position \d+ of \d+: the live read models are as they were, and the next rebuild goes on from there$/,
    );
    expect(await digestOf(live)).toBe(before);
  }, 120_000);

  test('is refused while the service runs, may be prepared beside it, and swaps afterwards', async () => {
    const home = await folders();
    await intoFile(join(home, 'events.db'), await incident('zombie-deployer'));
    const settings = { ORCH_DATA_DIR: home };
    const serving = await InstanceLock.acquire(home);
    const refused = await orchestrator(home, ['replay', 'rebuild'], settings);
    expect(refused).toMatchObject({ exitCode: 3, stdout: '' });
    expect(refused.stderr).toMatch(
      /is running: stop it and run the command again, or build beside it with --prepare and swap later$/,
    );
    const prepared = await orchestrator(home, ['replay', 'rebuild', '--prepare', '--json'], settings);
    expect(JSON.parse(prepared.stdout)).toMatchObject({ swapped: false, position: '134' });
    expect(existsSync(join(home, 'read-models.db'))).toBe(false);
    await serving.release();
    const swapped = await orchestrator(home, ['replay', 'rebuild', '--json'], settings);
    expect(JSON.parse(swapped.stdout)).toMatchObject({ swapped: true, from: '134', events: 0 });
  });
});

import { afterEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import sqlite3 from 'sqlite3';
import { InstanceLock } from '../../src/event-log/sqlite/side-tables/instance-lock.js';
import { BuiltOrchestrator, type ServiceOptions } from '../support/built/built-orchestrator.js';
import { temporaryFolders } from '../support/temporary-folder.js';

const START_MS_MAX = 120_000;
const folder = temporaryFolders();
const running: BuiltOrchestrator[] = [];

afterEach(async () => {
  for (const service of running.splice(0)) await service.stop('SIGKILL');
});

/** A service that is expected to refuse; answers with its exit code and the last lines that it said. */
async function refusal(options: ServiceOptions): Promise<{ readonly code: number | null; readonly said: string }> {
  const service = await BuiltOrchestrator.launch(options);
  running.push(service);
  if (!service.hasEnded) await once(service.process, 'exit');
  const said = service.output.split('\n').filter((line) => line !== '' && !line.startsWith('{'));
  return { code: service.process.exitCode, said: said.join('\n') };
}

describe('a service that cannot start says why in a sentence and ends with 1', () => {
  test(
    'wrong values are all named at once, each with what is allowed',
    async () => {
      const env = { ORCH_LOCALE: 'fr', ORCH_MAX_CONCURRENCY: '0', ORCH_AGENT_TIMEOUT_S: 'long' };
      const { code, said } = await refusal({ folder: await folder(), env });
      expect(code).toBe(1);
      const [first, ...lines] = said.split('\n');
      expect(first).toBe('The configuration cannot be used. Correct this and start again:');
      expect(lines).toHaveLength(3);
      for (const name of Object.keys(env)) expect(said).toMatch(new RegExp(`^  ${name}: given .*, allowed: `, 'm'));
    },
    START_MS_MAX,
  );

  test(
    'a port that somebody else has',
    async () => {
      const other = createServer().listen(0, '127.0.0.1');
      await once(other, 'listening');
      const { port } = other.address() as AddressInfo;
      const { code, said } = await refusal({ folder: await folder(), port });
      other.close();
      expect({ code, lines: said.split('\n').length }).toEqual({ code: 1, lines: 1 });
      expect(said).toContain(`127.0.0.1:${port}`);
      expect(said).toContain('set ORCH_PORT to a free port');
    },
    START_MS_MAX,
  );

  test(
    'an event log of another format',
    async () => {
      const home = await folder();
      await logOfFormat(join(home, 'data', 'events.db'), 99);
      const { code, said } = await refusal({ folder: home });
      expect({ code, lines: said.split('\n').length }).toEqual({ code: 1, lines: 1 });
      expect(said).toMatch(/events\.db has format 99, this version reads format \d+: use the version that wrote it/);
    },
    START_MS_MAX,
  );

  test(
    'a data folder from which another service serves, until that one is gone, killed or not',
    async () => {
      const home = await folder();
      const first = await BuiltOrchestrator.start({ folder: home });
      running.push(first);
      const second = await folder();
      const env = { ORCH_DATA_DIR: join(home, 'data') };
      expect(await refusal({ folder: second, env })).toEqual({
        code: 1,
        said:
          `Another orchestrator serves from the data folder ${join(home, 'data')}: ` +
          'stop it, or set ORCH_DATA_DIR to another folder',
      });
      await first.stop('SIGKILL');
      running.push(await BuiltOrchestrator.start({ folder: second, env }));
    },
    START_MS_MAX,
  );
});

test('the lock of a data folder is given to one at a time', async () => {
  const home = await folder();
  const lock = await InstanceLock.acquire(home);
  await expect(InstanceLock.acquire(home)).rejects.toThrow('Another orchestrator serves from the data folder');
  await lock.release();
  await (await InstanceLock.acquire(home)).release();
});

async function logOfFormat(path: string, format: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const database = new sqlite3.Database(path);
  const head = `CREATE TABLE head (log_id TEXT, format_version INTEGER); INSERT INTO head VALUES ('old', ${format})`;
  await new Promise<void>((resolve, reject) => database.exec(head, (error) => (error ? reject(error) : resolve())));
  await new Promise<void>((resolve) => database.close(() => resolve()));
}

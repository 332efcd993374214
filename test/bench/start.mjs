import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { request } from 'undici';
import { openSqliteCheckpoints } from '../../dist/event-log/sqlite/side-tables/sqlite-checkpoints.js';
import { openSqliteEventLog } from '../../dist/event-log/sqlite/sqlite-event-log.js';
import { SAGAS } from '../../dist/sagas/every-saga.js';
import { freePort } from '../support/built/free-port.mjs';
import { median } from './events.mjs';
import { writeHistory } from './history.mjs';

const EVENTS = 200_000;
const STARTS = 5;

/** The built service from the start of its process until `/ready` answers 200, on an empty log and on a long one. */
export async function run(print) {
  print(`Start of the service, ms from the start of the process until ready (aim ≤ 1000 on ${EVENTS} events)`);
  const folder = await mkdtemp(join(tmpdir(), 'orchestrator-bench-'));
  try {
    for (const events of [0, EVENTS]) {
      const data = join(folder, `data-${events}`);
      await prepare(data, events);
      await startOnce(data);
      const times = [];
      for (let round = 0; round < STARTS; round += 1) times.push(await startOnce(data));
      print(
        `  ${String(events).padStart(7)} events: ${median(times).toFixed(0)} ms, of which ${await bareImport()} ms load the code`,
      );
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function prepare(data, events) {
  await mkdir(data, { recursive: true });
  await writeFile(
    join(data, 'projects.json'),
    JSON.stringify({ projects: [{ repo: 'shop', prefix: 'SHOP', planeProjectId: 'p' }] }),
  );
  if (events === 0) return;
  const log = await openSqliteEventLog({ path: join(data, 'events.db'), clock: { now: () => Date.now() } });
  await writeHistory(log, events);
  const checkpoints = await openSqliteCheckpoints(join(data, 'checkpoints.db'));
  for (const { name } of SAGAS) await checkpoints.save(`saga:${name}`, log.logId, await log.head());
  await checkpoints.close();
  await log.close();
}

async function startOnce(data) {
  const port = await freePort();
  const started = performance.now();
  const env = {
    PATH: process.env.PATH,
    ORCH_DATA_DIR: data,
    ORCH_PORT: String(port),
    ORCH_PROJECTS_FILE: join(data, 'projects.json'),
    ORCH_LOG_LEVEL: 'fatal',
  };
  const cwd = new URL('../..', import.meta.url);
  const service = spawn(process.execPath, ['dist/main.js'], { cwd, env, stdio: ['ignore', 'ignore', 'inherit'] });
  for (;;) {
    const ready = await request(`http://127.0.0.1:${port}/ready`).catch(() => null);
    await ready?.body.dump();
    if (ready?.statusCode === 200) break;
    await delay(5);
  }
  const ms = performance.now() - started;
  service.kill('SIGTERM');
  await once(service, 'exit');
  return ms;
}

/** What Node needs to read and compile the modules, without starting anything. */
async function bareImport() {
  const started = performance.now();
  const cwd = new URL('../..', import.meta.url);
  const child = spawn(process.execPath, ['-e', "import('./dist/app.module.js')"], { cwd, stdio: 'ignore' });
  await once(child, 'exit');
  return (performance.now() - started).toFixed(0);
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServerProcess } from '../../support/eventstore/server-process.js';
import { runTroubled } from '../../support/eventstore/troubled-run.js';
import { World } from '../../support/running/world.js';

/** node --import ./test/support/typescript.mjs test/bench/eventstore/troubled-log.ts [items] [a trouble every … ms]; needs the built service. */
const [items = '20', everyMs = '1500'] = process.argv.slice(2);
const folder = await mkdtemp(join(tmpdir(), 'orchestrator-troubled-'));
const server = await ServerProcess.start();
const settings = { ORCH_SERIAL_GATE_ENABLED: 'false', ORCH_MAX_CONCURRENCY: '4', ORCH_JOB_BACKOFF_BASE_S: '0.2' };
const world = await World.here(folder, {
  ORCH_EVENT_LOG: 'eventstoredb',
  ORCH_EVENTSTORE_URL: server.url,
  ...settings,
});
const run = await runTroubled(world, server, Number(items), Number(everyMs));
console.log(JSON.stringify(run, null, 2));
await world.end();
await server.stop();
await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
process.exit(run.twice.length === 0 && run.merges === run.items ? 0 : 1);

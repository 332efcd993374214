import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifyStreams } from '../../../src/event-log/eventstoredb/verify.js';
import { ServerProcess } from '../../support/eventstore/server-process.js';
import { runTroubled } from '../../support/eventstore/troubled-run.js';
import { World } from '../../support/running/world.js';

/** node --import ./test/support/typescript.mjs test/bench/eventstore/troubled-log.ts [items] [a trouble every … ms] [seed]; needs the built service. */
const [items = '20', everyMs = '1500', seed = '1'] = process.argv.slice(2);
const folder = await mkdtemp(join(tmpdir(), 'orchestrator-troubled-'));
const server = await ServerProcess.start();
const settings = { ORCH_MAX_CONCURRENCY: '4', ORCH_JOB_BACKOFF_BASE_S: '0.2' };
const projects = ['A', 'B', 'C', 'D'].map((letter) => ({
  prefix: `SB${letter}`,
  repo: `sandbox-${letter.toLowerCase()}`,
}));
const log = { ORCH_EVENT_LOG: 'eventstoredb', ORCH_EVENTSTORE_URL: server.url };
const world = await World.start(folder, { ...log, ...settings }, { projects });
const run = await runTroubled(world, Number(items), { server, everyMs: Number(everyMs), seed: Number(seed) });
await world.end();
const chain = await verifyStreams({ url: server.url });
console.log(JSON.stringify({ ...run, seed: Number(seed), chain }, null, 2));
await server.stop();
await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
process.exit(run.twice.length === 0 && run.merges === run.items && chain.intact ? 0 : 1);

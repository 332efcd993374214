/**
 * Jobs of random behaviour, and every second something of them is killed: `npm run soak -- [jobs] [--seed n] [--kill-every-ms n]`.
 * Ends with 0 only if every job ended exactly once, nothing ran twice or is left, and the log verifies.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { detectionsOf, violationsOf } from './findings.mjs';
import { Killer } from './killer.mjs';
import { leftBehind } from './processes.mjs';
import { RestartedOrchestrator } from './restarted-orchestrator.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '11' },
    'kill-every-ms': { type: 'string', default: '1000' },
    keep: { type: 'boolean', default: false },
  },
});
const jobs = Number(positionals[0] ?? 300);
const seed = Number(values.seed);

const folder = await mkdtemp(join(tmpdir(), 'orchestrator-soak-'));
const begun = performance.now();
const service = new RestartedOrchestrator(folder, seed);
await service.start();
await service.open(jobs);
const killer = new Killer(service, { seed, everyMs: Number(values['kill-every-ms']) });
killer.start();
const events = await service.untilAllEnded(jobs);
const kills = await killer.stop();
const stats = await service.stop();
const violations = [...(await violationsOf(events, { service, kills, jobs })), ...(await leftBehind(folder, events))];
print(figuresOf());
if (values.keep) console.log(`kept: ${folder}`);
else await rm(folder, { recursive: true, force: true });
process.exitCode = violations.length === 0 ? 0 : 1;

function figuresOf() {
  const count = (type, matches = () => true) => events.filter((e) => e.type === type && matches(e.data)).length;
  return {
    seed,
    jobs,
    seconds: Math.round((performance.now() - begun) / 100) / 10,
    done: count('JobSucceeded'),
    failed: count('JobFailed'),
    cancelled: count('JobCancelled'),
    attempts: count('JobClaimed'),
    requeued: count('JobRequeued'),
    'kills of agents': kills.filter(({ kind }) => kind === 'agent').length,
    'kills of supervisors': kills.filter(({ kind }) => kind === 'supervisor').length,
    'kills of orchestrators': kills.filter(({ kind }) => kind === 'orchestrator').length,
    'runs without an exit record': count('RunEnded', ({ failure }) => failure?.class === 'orphaned'),
    'reaped by the reaper': count('JobReaped'),
    'reaper since its last start': stats,
    'stale outcomes refused': count('StaleOutcomeRefused'),
    'events, all verified': events.length,
    ...detectionsOf(events, kills),
    violations: violations.length === 0 ? 'none' : violations,
  };
}

function print(figures) {
  for (const [name, value] of Object.entries(figures))
    console.log(`${name}: ${typeof value === 'object' ? JSON.stringify(value) : value}`);
}

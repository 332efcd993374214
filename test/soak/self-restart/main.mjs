/**
 * Production hooks that restart the orchestrator which runs them: `npm run soak:self-restart -- [count] [--seed n] [--points a,b] [--ssh]`.
 * Ends with 0 only if every confirmation started production exactly once, with the right verdict and one published log.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { randomFrom } from '../killer.mjs';
import { leftBehind } from '../processes.mjs';
import { Drills } from './drills.mjs';
import { findingsOf, logFindings } from './findings.mjs';
import { drillsOf } from './points.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '11' },
    points: { type: 'string', default: '' },
    ssh: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
});
const count = Number(positionals[0] ?? 20);
const seed = Number(values.seed);
const plan = drillsOf(count, { random: randomFrom(seed), points: values.points.split(',').filter(Boolean) });

const folder = await mkdtemp(join(tmpdir(), 'orchestrator-self-restart-'));
const begun = performance.now();
const drills = await Drills.start(folder, { ssh: values.ssh });
const findings = [];
const done = [];
try {
  for (const drill of plan) await run(drill);
} catch (error) {
  findings.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
}
const events = await drills.service.events();
await drills.end();
findings.push(...(await logFindings(drills.service)), ...(await leftBehind(folder, events)));
print();
if (values.keep) console.log(`kept: ${folder}`);
else await rm(folder, { recursive: true, force: true });
process.exitCode = findings.length === 0 ? 0 : 1;

async function run(drill) {
  const seen = await drills.run(drill);
  const found = await findingsOf(seen, drills);
  findings.push(...found);
  done.push(seen);
  const { number, point, code, workItem, restarts } = seen;
  const where = `${point.name}, exit ${code}, ${workItem}`;
  console.log(`${number}: ${where}: ${restarts} restart, ${found.length === 0 ? 'as it must be' : found.join('; ')}`);
}

function print() {
  const starts = drills.hookStarts();
  const figures = {
    seed,
    drills: `${done.length} of ${count}`,
    seconds: Math.round((performance.now() - begun) / 100) / 10,
    'points hit': new Set(done.map(({ point }) => point.name)).size,
    'kills exactly at their point': done.filter(({ hitExactly }) => hitExactly).length,
    'starts of the orchestrator': drills.service.starts,
    confirmations: events.filter(({ type }) => type === 'DeployConfirmed').length,
    'starts of the production hook, by its own account': starts.length,
    'exit codes 0, 1, 2': [0, 1, 2].map((code) => done.filter((drill) => drill.code === code).length).join(', '),
    events: events.length,
    violations: findings.length === 0 ? 'none' : findings.join('\n'),
  };
  for (const [name, value] of Object.entries(figures)) console.log(`${name}: ${value}`);
}

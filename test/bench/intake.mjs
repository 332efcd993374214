import { spawn } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { freePort } from '../support/built/free-port.mjs';

const SECRET = 'bench-secret';
const PER_SECOND = 500;
const SECONDS = 8;
const ROUNDS = 3;

/** Pushes of a forge at a steady 500/s, whether answered or not, to the whole service and to a bare server; in turn. */
export async function run(print) {
  print(
    `Webhook intake at ${PER_SECOND}/s for ${SECONDS} s, ms from sending to the answer; every delivery durable before it`,
  );
  const body = JSON.stringify(JSON.parse(await readFile(new URL('../fixtures/gitea/push.json', import.meta.url))).body);
  const results = { service: [], bare: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const kind of ['bare', 'service']) results[kind].push(await measure(kind, body));
  }
  for (const kind of ['bare', 'service']) print(line(kind, results[kind]));
  const ratio = median(results.service.map(({ p99 }) => p99)) / median(results.bare.map(({ p99 }) => p99));
  print(`  p99 of the service is ${ratio.toFixed(2)} × that of the bare server (aim ≤ 1.5)`);
}

async function measure(kind, body) {
  const folder = await mkdtemp(join(tmpdir(), 'orchestrator-bench-'));
  const server = await (kind === 'bare' ? startBare(folder) : startService(folder));
  try {
    await load(server.port, body, 1);
    return summary(await load(server.port, body, SECONDS));
  } finally {
    server.process.kill('SIGKILL');
    await once(server.process, 'exit');
    await rm(folder, { recursive: true, force: true });
  }
}

/** Open loop: the next delivery leaves on time, also when earlier ones have not been answered. */
async function load(port, body, seconds) {
  const dispatcher = new Agent({ connections: 64, pipelining: 1 });
  const signature = createHmac('sha256', SECRET).update(body).digest('hex');
  const answers = [];
  const start = performance.now();
  for (let sent = 0; sent < PER_SECOND * seconds; sent += 1) {
    const due = start + (sent * 1000) / PER_SECOND;
    const wait = due - performance.now();
    if (wait > 1) await delay(wait);
    answers.push(deliver(port, body, signature, dispatcher));
  }
  const latencies = await Promise.all(answers);
  await dispatcher.close();
  return latencies;
}

async function deliver(port, body, signature, dispatcher) {
  const sentAt = performance.now();
  const headers = {
    'content-type': 'application/json',
    'x-gitea-event': 'push',
    'x-gitea-event-type': 'push',
    'x-gitea-delivery': randomUUID(),
    'x-gitea-signature': signature,
  };
  const answer = await request(`http://127.0.0.1:${port}/webhook/gitea`, { method: 'POST', headers, body, dispatcher });
  await answer.body.dump();
  if (answer.statusCode !== 202) throw new Error(`a delivery was answered with ${answer.statusCode}`);
  return performance.now() - sentAt;
}

async function startBare(folder) {
  const process_ = child(['test/bench/intake/bare.mjs', folder, SECRET], {});
  const [first] = await once(createInterface({ input: process_.stdout }), 'line');
  return { process: process_, port: JSON.parse(first).port };
}

async function startService(folder) {
  const port = await freePort();
  const projects = [{ repo: 'orders-api', prefix: 'DLV', planeProjectId: randomUUID() }];
  await writeFile(join(folder, 'projects.json'), JSON.stringify({ projects }));
  const env = {
    ORCH_DATA_DIR: join(folder, 'data'),
    ORCH_PORT: String(port),
    ORCH_PROJECTS_FILE: join(folder, 'projects.json'),
    ORCH_GITEA_WEBHOOK_SECRET: SECRET,
    ORCH_LOG_LEVEL: 'error',
    ORCH_RECONCILE_ENABLED: 'false',
  };
  const process_ = child(['dist/main.js'], env);
  process_.stdout.resume();
  for (;;) {
    const ready = await request(`http://127.0.0.1:${port}/ready`).catch(() => null);
    await ready?.body.dump();
    if (ready?.statusCode === 200) return { process: process_, port };
    await delay(50);
  }
}

function child(args, env) {
  return spawn(process.execPath, args, {
    cwd: new URL('../..', import.meta.url),
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

function summary(latencies) {
  const sorted = [...latencies].sort((a, b) => a - b);
  const at = (share) => sorted[Math.floor(sorted.length * share)];
  return { p50: at(0.5), p99: at(0.99) };
}

function line(kind, rounds) {
  const p50 = median(rounds.map((round) => round.p50));
  const p99 = median(rounds.map((round) => round.p99));
  return `  ${kind.padEnd(8)} p50 ${p50.toFixed(2)}  p99 ${p99.toFixed(2)}  (median of ${rounds.length} rounds)`;
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

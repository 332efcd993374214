/** Starts the built service once as a newcomer would have it, in the sandbox, and asks whether it is well. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const READY_WITHIN_MS = 60_000;
const STOPPED_WITHIN_MS = 30_000;

const dataDir = mkdtempSync(join(tmpdir(), 'orchestrator-ci-'));
const port = await freePort();
const service = spawn(process.execPath, ['dist/main.js'], { env: environment(), stdio: 'inherit' });
const exited = once(service, 'exit');

try {
  await answers('/ready', READY_WITHIN_MS);
  const health = await (await answers('/health', 5_000)).json();
  if (health.status !== 'ok') throw new Error(`GET /health says ${JSON.stringify(health)}`);
  service.kill('SIGTERM');
  const [code, signal] = await Promise.race([
    exited,
    pause(STOPPED_WITHIN_MS, ['still running', null], { ref: false }),
  ]);
  if (code !== 0) throw new Error(`after SIGTERM the service ended with ${signal ?? code}, expected was exit 0`);
  console.log('The built service started, was ready and healthy, and stopped with exit 0.');
} catch (error) {
  console.log(`The built service failed: ${error.message}`);
  process.exitCode = 1;
} finally {
  service.kill('SIGKILL');
  rmSync(dataDir, { recursive: true, force: true });
}

/** Nothing of this machine's own settings, so that it is the sandbox. */
function environment() {
  const ours = Object.entries(process.env).filter(([name]) => !name.startsWith('ORCH_'));
  return { ...Object.fromEntries(ours), ORCH_PORT: String(port), ORCH_DATA_DIR: dataDir };
}

async function answers(path, withinMs) {
  const until = Date.now() + withinMs;
  for (let last = 'no answer'; ; await pause(100)) {
    const response = await fetch(`http://127.0.0.1:${port}${path}`).catch(() => null);
    if (response?.status === 200) return response;
    last = response === null ? last : `status ${response.status}`;
    if (service.exitCode !== null)
      throw new Error(`it ended with exit ${service.exitCode} before GET ${path} was answered`);
    if (Date.now() > until) throw new Error(`GET ${path} was not 200 within ${withinMs} ms: ${last}`);
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: free } = server.address();
  server.close();
  await once(server, 'close');
  return free;
}

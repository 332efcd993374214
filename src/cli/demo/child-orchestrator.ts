import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CommandFailed } from '../failure.js';
import { RunningOrchestrator } from '../running/running-orchestrator.js';

const START_MS_MAX = 30_000;
const STOP_MS_MAX = 10_000;

/** The service as anybody would start it: a process of its own, in a folder of its own, without any configuration. */
export class ChildOrchestrator {
  private constructor(
    readonly service: RunningOrchestrator,
    readonly dataDir: string,
    private readonly process: ChildProcess,
    private readonly outputFile: string,
  ) {}

  static async begin(folder: string): Promise<ChildOrchestrator> {
    const dataDir = join(folder, 'data');
    const port = await freePort();
    const outputFile = join(folder, 'service.log');
    const output = openSync(outputFile, 'a');
    const main = fileURLToPath(new URL('../../main.js', import.meta.url));
    const child = spawn(process.execPath, ['--enable-source-maps', main], {
      ...{ cwd: folder, stdio: ['ignore', output, output] },
      env: {
        ...withoutSettings(process.env),
        ORCH_DATA_DIR: dataDir,
        ORCH_PORT: String(port),
        ORCH_LOG_FORMAT: 'json',
      },
    });
    closeSync(output);
    const service = new RunningOrchestrator(`http://127.0.0.1:${port}`, null);
    return new ChildOrchestrator(service, dataDir, child, outputFile);
  }

  get pid(): number {
    return this.process.pid ?? 0;
  }

  get eventLogPath(): string {
    return join(this.dataDir, 'events.db');
  }

  get hasEnded(): boolean {
    return this.process.exitCode !== null || this.process.signalCode !== null;
  }

  async ready(): Promise<void> {
    const deadline = Date.now() + START_MS_MAX;
    while (!(await this.service.get('/ready').then(yes, no))) {
      if (this.hasEnded || Date.now() > deadline) throw new CommandFailed(1, 'The service of the demo did not start');
      await delay(50);
    }
  }

  /** Asked politely first. */
  async stop(): Promise<void> {
    if (this.hasEnded) return;
    const ended = once(this.process, 'exit');
    this.process.kill('SIGTERM');
    const killing = setTimeout(() => this.kill(), STOP_MS_MAX);
    await ended;
    clearTimeout(killing);
  }

  kill(): void {
    if (!this.hasEnded) this.process.kill('SIGKILL');
  }

  /** What it said last, for whoever has to find out why it failed. */
  async lastWords(): Promise<string> {
    const text = await readFile(this.outputFile, 'utf8');
    return text.split('\n').slice(-15).join('\n').trim();
  }
}

/** Settings of the checkout that the demo is run in are none of the demo's. */
function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('ORCH_')));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const yes = (): boolean => true;
const no = (): boolean => false;

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { SandboxCoordinates } from '../../../src/sandbox/coordinates.js';

const MAIN = fileURLToPath(new URL('../../../dist/sandbox/main.js', import.meta.url));

/** Tracker and forge in a process of their own, which lives on while the service is killed. */
export class SandboxProcess {
  private constructor(
    private readonly process: ChildProcess,
    readonly coordinates: SandboxCoordinates,
  ) {}

  static async start(dataDir: string, webhookBaseUrl: string): Promise<SandboxProcess> {
    const args = [MAIN, '--data-dir', dataDir, '--webhook-base-url', webhookBaseUrl];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const { value } = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
    return new SandboxProcess(child, JSON.parse(String(value)) as SandboxCoordinates);
  }

  async close(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = once(this.process, 'exit');
    this.process.kill('SIGTERM');
    await ended;
  }
}

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.mjs';
import { until } from '../until.js';

const MAIN = fileURLToPath(new URL('../../../dist/main.js', import.meta.url));

export interface ServiceOptions {
  /** Its working folder; everything that it writes is below. */
  readonly folder: string;
  readonly port?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** The built service as a process of its own, in sandbox mode unless its settings say otherwise. */
export class BuiltOrchestrator {
  private constructor(
    readonly url: string,
    readonly folder: string,
    readonly process: ChildProcess,
  ) {}

  static async start(options: ServiceOptions): Promise<BuiltOrchestrator> {
    const service = await BuiltOrchestrator.launch(options);
    await service.ready();
    return service;
  }

  /** Not waited for: for whoever kills it before it is ready, or expects it to refuse. */
  static async launch({ folder, port, env = {} }: ServiceOptions): Promise<BuiltOrchestrator> {
    if (!existsSync(MAIN)) throw new Error(`${MAIN} is not built: npm test builds it before the tests`);
    const chosen = port ?? (await freePort());
    const output = openSync(join(folder, 'service.log'), 'a');
    const settings = { ORCH_DATA_DIR: join(folder, 'data'), ORCH_PORT: String(chosen), ORCH_LOG_FORMAT: 'json' };
    const child = spawn(process.execPath, ['--enable-source-maps', MAIN], {
      ...{ cwd: folder, stdio: ['ignore', output, output] },
      env: { ...withoutSettings(process.env), ...settings, ...env },
    });
    closeSync(output);
    return new BuiltOrchestrator(`http://127.0.0.1:${chosen}`, folder, child);
  }

  get eventLogPath(): string {
    return join(this.folder, 'data', 'events.db');
  }

  get output(): string {
    return readFileSync(join(this.folder, 'service.log'), 'utf8');
  }

  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    if (this.hasEnded) return;
    const ended = once(this.process, 'exit');
    this.process.kill(signal);
    await ended;
  }

  get hasEnded(): boolean {
    return this.process.exitCode !== null || this.process.signalCode !== null;
  }

  async ready(): Promise<void> {
    await until(
      async () => {
        if (this.hasEnded) throw new Error(`The service ended at its start: ${this.output}`);
        return fetch(`${this.url}/ready`).then(
          ({ ok }) => ok,
          () => false,
        );
      },
      'the service is ready',
      90_000,
    );
  }
}

/** Settings of the shell that the tests run in are none of theirs. */
export function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('ORCH_')));
}

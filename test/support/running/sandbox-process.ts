import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { SandboxCoordinates } from '../../../src/sandbox/coordinates.js';
import type { Faults } from '../../../src/sandbox/faults.js';
import type { SandboxOptions } from '../../../src/sandbox/sandbox.js';
import { withoutSettings } from '../built/built-orchestrator.js';

const HOST = fileURLToPath(new URL('./sandbox-host.mjs', import.meta.url));

export type FaultName = {
  [Name in keyof Faults]: Faults[Name] extends (...given: never[]) => void ? Name : never;
}[keyof Faults];

interface Answer {
  readonly id: number;
  readonly answer?: unknown;
  readonly failure?: string;
}

/**
 * Tracker and forge in a process of their own, as the real ones are: they live on while the service is killed. A small process
 * besides, so that the forge starts its many gits cheaply; the process of a test is large, and every fork copies its page tables.
 */
export class SandboxProcess {
  private orders = 0;

  private constructor(
    private readonly process: ChildProcess,
    readonly coordinates: SandboxCoordinates,
  ) {}

  static async start(options: SandboxOptions): Promise<SandboxProcess> {
    const child = fork(HOST, [], { execArgv: [], env: withoutSettings(process.env), serialization: 'advanced' });
    const coordinates = await obeyed(child, 0, 'start', [options]);
    return new SandboxProcess(child, coordinates as SandboxCoordinates);
  }

  /** Throws a switch of either server; a number strikes so many times, a pattern at the requests that it fits. */
  async fault(server: 'tracker' | 'forge', name: FaultName, ...given: readonly (number | boolean | RegExp)[]) {
    await this.tell('fault', server, name, ...given);
  }

  /** What the forge answers to a merge that conflicts. */
  async conflictsAnswer(status: 409 | 405): Promise<void> {
    await this.tell('conflictsAnswer', status);
  }

  /** The next deployment to that environment ends with this exit code. */
  async failNextDeploy(environment: 'staging' | 'production', exitCode: 1 | 2): Promise<void> {
    await this.tell('failNextDeploy', environment, exitCode);
  }

  async itemsInTracker(): Promise<number> {
    return (await this.tell('itemsInTracker')) as number;
  }

  async makeSick(repo: string, environment: 'staging' | 'production', isSick: boolean): Promise<void> {
    await this.tell('makeSick', repo, environment, isSick);
  }

  async close(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = once(this.process, 'exit');
    this.process.disconnect();
    await ended;
  }

  private tell(order: string, ...given: readonly unknown[]): Promise<unknown> {
    this.orders += 1;
    return obeyed(this.process, this.orders, order, given);
  }
}

function obeyed(child: ChildProcess, id: number, order: string, given: readonly unknown[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void): void => {
      child.off('message', heard);
      child.off('exit', ended);
      finish();
    };
    const heard = (answer: Answer): void => {
      if (answer.id !== id) return;
      settle(() => (answer.failure === undefined ? resolve(answer.answer) : reject(new Error(answer.failure))));
    };
    const ended = (): void => settle(() => reject(new Error(`The sandbox ended before it obeyed: ${order}`)));
    child.on('message', heard);
    child.on('exit', ended);
    child.send({ id, order, given });
  });
}

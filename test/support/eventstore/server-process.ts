import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { forkSource, killHard } from '../child-process.js';
import type { ServerOrder } from './main.js';

/** A protocol server that lives apart from the test, as a real one does. */
export class ServerProcess {
  private orders: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly process: ChildProcess,
    readonly url: string,
  ) {}

  static async start(port = 0): Promise<ServerProcess> {
    const child = forkSource(new URL('./main.ts', import.meta.url), String(port));
    const [message] = (await once(child, 'message')) as [{ url: string }];
    return new ServerProcess(child, message.url);
  }

  /** One order at a time; resolves when it is carried out, with how many events the server has. */
  tell(order: ServerOrder): Promise<number> {
    const told = this.orders.then(async () => {
      const answer = once(this.process, 'message');
      this.process.send(order);
      return ((await answer) as [{ events: number }])[0].events;
    });
    this.orders = told.catch(() => undefined);
    return told;
  }

  stop(): Promise<void> {
    return killHard(this.process);
  }
}

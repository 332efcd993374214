import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** The cable to the server: it can be cut, and nothing but its port stays the same when it is plugged in again. */
export class Wire {
  #server: Server | undefined;
  readonly #sockets = new Set<Socket>();
  #cuts = 0;

  constructor(private readonly inner: () => number) {}

  get cuts(): number {
    return this.#cuts;
  }

  async plug(port: number): Promise<number> {
    const server = createServer((socket) => this.#join(socket));
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    this.#server = server;
    return (server.address() as { port: number }).port;
  }

  /** Every connection is reset, new ones are still accepted. */
  cut(): void {
    this.#cuts += 1;
    for (const socket of this.#sockets) socket.resetAndDestroy();
    this.#sockets.clear();
  }

  async unplug(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = undefined;
    server.close();
    this.cut();
    await once(server, 'close');
  }

  #join(outer: Socket): void {
    const inner = connect(this.inner(), '127.0.0.1');
    for (const [one, other] of [
      [outer, inner],
      [inner, outer],
    ] as const) {
      this.#sockets.add(one);
      one.setNoDelay(true);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        this.#sockets.delete(one);
        other.destroy();
      });
    }
  }
}

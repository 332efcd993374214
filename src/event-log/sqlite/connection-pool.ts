import type { Connection } from './connection.js';

/** Lends each connection to one borrower at a time, so that no thread of Node's small pool waits for a connection. */
export class ConnectionPool {
  readonly #idle: Connection[];
  readonly #waiting: ((connection: Connection) => void)[] = [];

  constructor(private readonly connections: readonly Connection[]) {
    this.#idle = [...connections];
  }

  async use<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = this.#idle.pop() ?? (await this.#nextIdle());
    try {
      return await work(connection);
    } finally {
      const next = this.#waiting.shift();
      if (next) next(connection);
      else this.#idle.push(connection);
    }
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    for (const _ of this.connections) await (this.#idle.pop() ?? (await this.#nextIdle())).close();
  }

  #nextIdle(): Promise<Connection> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

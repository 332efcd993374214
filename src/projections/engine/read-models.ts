import { Connection } from './connection.js';

/** What queries read with: a connection of its own, so that a long read never waits for the projector. */
export class ReadModels {
  private connection: Promise<Connection> | undefined;

  constructor(private readonly path: string) {}

  /** Opened at the first question, when the projector has made the file. */
  async all<Row extends object>(sql: string, parameters: readonly (string | number | null)[] = []): Promise<Row[]> {
    this.connection ??= Connection.open(this.path, 'read');
    return (await this.connection).all<Row>(sql, parameters);
  }

  async first<Row extends object>(
    sql: string,
    parameters: readonly (string | number | null)[] = [],
  ): Promise<Row | null> {
    return (await this.all<Row>(sql, parameters))[0] ?? null;
  }

  async close(): Promise<void> {
    await (await this.connection)?.close();
    this.connection = undefined;
  }
}

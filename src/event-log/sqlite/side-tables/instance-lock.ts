import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LogUnavailable } from '../../errors.js';
import { Connection } from '../connection.js';

/** Long enough for a predecessor that is just going. */
const WAIT_MS = 2_000;

export class DataFolderInUse extends LogUnavailable {
  constructor(dataDir: string, options?: ErrorOptions) {
    super(
      `Another orchestrator serves from the data folder ${dataDir}: stop it, or set ORCH_DATA_DIR to another folder`,
      options,
    );
    this.name = 'DataFolderInUse';
  }
}

/**
 * One service per data folder: two would claim the same jobs and start the same agents. The lock is the operating system's, on an
 * open file, so that it ends with its process, however that ends, and nobody has to clean up after a kill.
 */
export class InstanceLock {
  private constructor(private readonly connection: Connection) {}

  static async acquire(dataDir: string): Promise<InstanceLock> {
    const path = join(dataDir, 'instance.db');
    await mkdir(dirname(path), { recursive: true });
    const connection = await Connection.open(path, 'write');
    try {
      await connection.exec(`PRAGMA busy_timeout = ${WAIT_MS}; BEGIN EXCLUSIVE`);
    } catch (cause) {
      await connection.close();
      throw isBusy(cause) ? new DataFolderInUse(dataDir, { cause }) : cause;
    }
    return new InstanceLock(connection);
  }

  release(): Promise<void> {
    return this.connection.close();
  }
}

function isBusy(error: unknown): boolean {
  const { cause } = error as { cause?: { code?: unknown } };
  return cause?.code === 'SQLITE_BUSY';
}

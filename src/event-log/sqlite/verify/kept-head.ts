import type { LogDigest } from '../../verify/digest.js';
import { GENESIS_HASH, type ChainHead } from '../hash-chain.js';
import type { Connection } from '../connection.js';
import { openReader, readLogId } from '../log-file.js';

export async function readDigest(path: string): Promise<LogDigest> {
  const connection = await openReader(path);
  try {
    return { logId: await readLogId(connection), ...(await readHead(connection)) };
  } finally {
    await connection.close();
  }
}

/** The end of the chain as the file keeps it beside the events. */
export async function readHead(connection: Connection): Promise<ChainHead> {
  const [head] = await connection.all<ChainHead>('SELECT position, lower(hex(hash)) AS hash FROM head');
  return head ?? { position: 0, hash: GENESIS_HASH };
}

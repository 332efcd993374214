import { LogUnavailable } from '../errors.js';
import type { Store } from './connection/client.js';
import { StoreFailure } from './connection/failures.js';
import { ownStream } from './pages.js';

const STREAM = ownStream('log');

/** The log is named by the first event of a stream of ours: whoever was first has named it for everybody. */
export async function nameOfLog(store: Store, proposed: string | null): Promise<string> {
  const [first] = await store.readStream(STREAM, { from: 0, count: 1 });
  if (first) return (first.data as { readonly logId: string }).logId;
  if (proposed === null) throw new LogUnavailable(`The event store ${store.shown} holds no event log of ours`);
  try {
    const event = { id: proposed, type: 'LogNamed', data: { logId: proposed }, metadata: {} };
    await store.append(STREAM, 'no-stream', [event]);
    return proposed;
  } catch (error) {
    if (error instanceof StoreFailure && error.kind === 'wrong-version') return nameOfLog(store, null);
    throw error;
  }
}

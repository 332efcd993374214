import { once } from 'node:events';
import { createServer } from 'node:net';

const FIRST = 20_000;
const OF_WORKER = 500;
let asked = 0;

/** Below those that the system gives to callers, and in each test worker others: a service that is down for a while finds its port free again. */
export async function freePort() {
  const first = FIRST + Number(process.env.JEST_WORKER_ID ?? 0) * OF_WORKER;
  for (;;) {
    const port = first + (asked++ % OF_WORKER);
    if (await isFree(port)) return port;
  }
}

async function isFree(port) {
  const server = createServer().listen(port, '127.0.0.1');
  const listens = await once(server, 'listening').then(
    () => true,
    () => false,
  );
  if (!listens) return false;
  server.close();
  await once(server, 'close');
  return true;
}

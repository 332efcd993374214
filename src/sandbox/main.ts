import { parseArgs } from 'node:util';
import { startSandbox } from './sandbox.js';

/** The sandbox as a process of its own, so that a service can be killed while its tracker and forge live on. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      'data-dir': { type: 'string' },
      'webhook-base-url': { type: 'string' },
      'tracker-port': { type: 'string' },
      'forge-port': { type: 'string' },
      confirm: { type: 'string' },
    },
  });
  const dataDir = values['data-dir'];
  if (dataDir === undefined) {
    process.stderr.write('sandbox: --data-dir is missing; name the folder that everything is kept in\n');
    process.exitCode = 2;
    return;
  }
  const base = values['webhook-base-url']?.replace(/\/$/, '');
  const sandbox = await startSandbox({
    dataDir,
    webhookUrls:
      base === undefined
        ? { plane: null, gitea: null }
        : { plane: `${base}/webhook/plane`, gitea: `${base}/webhook/gitea` },
    ports: { tracker: Number(values['tracker-port'] ?? 0), forge: Number(values['forge-port'] ?? 0) },
    confirm: values.confirm === 'human' ? 'human' : 'auto',
  });
  // One line of JSON: whoever started this process reads where everything is, and by what keys.
  process.stdout.write(`${JSON.stringify(sandbox.coordinates)}\n`);
  let closing: Promise<void> | null = null;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    // Not `once`: a library's exit hook finds itself alone with the signal then, and raises it again to kill.
    process.on(signal, () => void (closing ??= sandbox.close().then(() => process.exit(0))));
  }
}

await main();

import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly raw: Buffer;
  readonly body: Record<string, unknown>;
}

export interface WebhookReceiver {
  readonly url: string;
  readonly port: number;
  readonly received: readonly Received[];
  answerWith(status: number): void;
  close(): Promise<void>;
}

/** A real HTTP server that keeps what it is sent, byte for byte. */
export async function receiveWebhooks(port = 0): Promise<WebhookReceiver> {
  const received: Received[] = [];
  let status = 202;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const raw = Buffer.concat(chunks);
      const body = JSON.parse(raw.toString('utf8')) as Record<string, unknown>;
      received.push({ path: request.url ?? '', headers: request.headers, raw, body });
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const bound = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${bound}`,
    port: bound,
    received,
    answerWith: (next) => void (status = next),
    close: () => new Promise((resolve) => server.close(() => resolve()).closeAllConnections()),
  };
}

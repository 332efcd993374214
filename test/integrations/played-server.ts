import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AnyJson } from './recorded.js';

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: AnyJson;
}

export interface PlayedAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text is sent as it is, anything else as JSON, null as nothing. */
  readonly body: unknown;
}

export interface PlayedServer {
  readonly url: string;
  readonly seen: readonly SeenRequest[];
  close(): Promise<void>;
}

/** A server on loopback that answers as the test says; `null` leaves the request without an answer. */
export async function play(answer: (request: SeenRequest) => PlayedAnswer | null): Promise<PlayedServer> {
  const seen: SeenRequest[] = [];
  const server = createServer((message, response) => {
    void seenRequest(message).then((request) => {
      seen.push(request);
      const said = answer(request);
      if (said === null) return;
      response.writeHead(said.status, said.headers);
      response.end(said.body === null || typeof said.body === 'string' ? said.body : JSON.stringify(said.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function seenRequest(message: IncomingMessage): Promise<SeenRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  const url = new URL(message.url ?? '/', 'http://localhost');
  const body: unknown = text === '' ? null : JSON.parse(text);
  const path = url.pathname;
  return { method: message.method ?? '', path, query: url.searchParams, headers: message.headers, body };
}

import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { execa } from 'execa';

export interface HttpForge {
  readonly url: string;
  /** The command lines of every process of this machine, taken while git was talking to us. */
  readonly commandLines: Set<string>;
  close(): Promise<void>;
}

/** Git over HTTP with a password, as a forge serves it: git's own CGI program behind a check of the basic credentials. */
export async function serveOverHttp(root: string, username: string, token: string): Promise<HttpForge> {
  const backend = `${(await execa('git', ['--exec-path'])).stdout}/git-http-backend`;
  const commandLines = new Set<string>();
  const expected = `Basic ${Buffer.from(`${username}:${token}`).toString('base64')}`;
  const server = createServer((request, response) => {
    for (const line of everyCommandLine()) commandLines.add(line);
    if (request.headers.authorization !== expected) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="forge"' }).end();
    } else {
      runCgi(backend, root, request, response);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = (): Promise<void> => new Promise((resolve) => void server.close(() => resolve()));
  return { url: `http://127.0.0.1:${port}`, commandLines, close };
}

function runCgi(backend: string, root: string, request: IncomingMessage, response: ServerResponse): void {
  const [path, query] = (request.url ?? '').split('?');
  const cgi = spawn(backend, {
    env: {
      PATH: process.env['PATH'],
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      REMOTE_USER: 'orchestrator',
      REQUEST_METHOD: request.method,
      PATH_INFO: path,
      QUERY_STRING: query ?? '',
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
    },
  });
  request.pipe(cgi.stdin);
  const parts: Buffer[] = [];
  cgi.stdout.on('data', (part: Buffer) => parts.push(part));
  cgi.on('close', () => answer(Buffer.concat(parts), response));
}

function answer(output: Buffer, response: ServerResponse): void {
  const split = output.indexOf('\r\n\r\n');
  const headers = output.subarray(0, split).toString('latin1').split('\r\n');
  const status = headers.find((header) => header.startsWith('Status:'))?.split(' ')[1];
  response.statusCode = Number(status ?? 200);
  for (const header of headers.filter((line) => !line.startsWith('Status:'))) {
    const [name = '', value = ''] = header.split(': ');
    response.setHeader(name, value);
  }
  response.end(output.subarray(split + 4));
}

function everyCommandLine(): string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    try {
      return [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')];
    } catch {
      return []; // It ended while we looked.
    }
  });
}

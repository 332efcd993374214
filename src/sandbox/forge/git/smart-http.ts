import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { gitEnvironment } from './git.js';
import { SandboxBroken } from '../../sandbox-broken.js';

export interface GitAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** What came with the headers; the rest follows in `rest`. */
  readonly first: Buffer;
  readonly rest: Readable;
}

export interface GitRequest {
  readonly raw: IncomingMessage;
  readonly root: string;
  readonly path: string;
  readonly query: string;
  readonly login: string;
}

/** Hands a request to git's own CGI program, as a real forge's web server would. */
export async function askHttpBackend(request: GitRequest): Promise<GitAnswer> {
  const backend = spawn('git', ['http-backend'], { env: cgiEnvironment(request), stdio: ['pipe', 'pipe', 'ignore'] });
  request.raw.pipe(backend.stdin);
  // The backend may stop reading early; the answer says why.
  backend.stdin.on('error', () => undefined);
  request.raw.on('close', () => {
    if (!request.raw.complete) backend.kill();
  });
  const { head, first } = await readHead(backend.stdout);
  return { ...parseHead(head), first, rest: backend.stdout };
}

export async function wholeBody(answer: GitAnswer): Promise<Buffer> {
  const chunks = [answer.first];
  for await (const chunk of answer.rest) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function cgiEnvironment(request: GitRequest): Record<string, string> {
  const header = (name: string) => String(request.raw.headers[name] ?? '');
  const length = header('content-length');
  return {
    ...gitEnvironment(),
    ...{ GIT_PROJECT_ROOT: request.root, GIT_HTTP_EXPORT_ALL: '1', REMOTE_USER: request.login },
    ...{ PATH_INFO: request.path, QUERY_STRING: request.query, REQUEST_METHOD: request.raw.method ?? 'GET' },
    ...{ CONTENT_TYPE: header('content-type'), HTTP_CONTENT_ENCODING: header('content-encoding') },
    ...{ GIT_PROTOCOL: header('git-protocol'), REMOTE_ADDR: '127.0.0.1' },
    ...(length === '' ? {} : { CONTENT_LENGTH: length }),
  };
}

async function readHead(stdout: Readable): Promise<{ head: string; first: Buffer }> {
  let read = Buffer.alloc(0);
  for (let end = -1; end < 0; end = read.indexOf('\r\n\r\n')) {
    const chunk = stdout.read() as Buffer | null;
    if (chunk === null && stdout.readableEnded) throw new SandboxBroken('git http-backend ended without an answer');
    if (chunk === null) await Promise.race([once(stdout, 'readable'), once(stdout, 'end')]);
    else read = Buffer.concat([read, chunk]);
  }
  const end = read.indexOf('\r\n\r\n');
  return { head: read.subarray(0, end).toString('latin1'), first: read.subarray(end + 4) };
}

function parseHead(head: string): { status: number; headers: Record<string, string> } {
  const pairs = head
    .split('\r\n')
    .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]);
  const headers = Object.fromEntries(pairs.map(([name, value]) => [name?.toLowerCase() ?? '', value ?? '']));
  const { status, ...rest } = headers;
  return { status: status ? Number.parseInt(status, 10) : 200, headers: rest };
}

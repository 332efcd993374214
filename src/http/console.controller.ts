import { Controller, Get, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';

const FOLDER = new URL('../console/', import.meta.url);

/** The page is made of these files and no others, whatever a path may say. */
const FILES = [
  'console.css',
  'icon.svg',
  'console.js',
  'api.js',
  'board.js',
  'operator.js',
  'page.js',
  'requests.js',
  'story.js',
  'trouble.js',
  'watch.js',
];

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Only what comes from here runs, and no other page may frame it: its buttons start deployments. */
const POLICY = [
  "default-src 'none'",
  ...["script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'"],
  ...["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
].join('; ');

@Controller()
export class ConsoleController {
  @Get()
  page(@Res() reply: FastifyReply): Promise<void> {
    return give(reply, 'index.html');
  }

  @Get(FILES)
  file(@Req() { routeOptions }: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return give(reply, (routeOptions.url ?? '').slice(1));
  }
}

async function give(reply: FastifyReply, file: string): Promise<void> {
  const content = await readFile(new URL(file, FOLDER));
  await reply
    .type(TYPES[extname(file)] ?? 'application/octet-stream')
    .header('content-security-policy', POLICY)
    .header('x-content-type-options', 'nosniff')
    .header('referrer-policy', 'no-referrer')
    .header('cache-control', 'no-cache')
    .send(content);
}

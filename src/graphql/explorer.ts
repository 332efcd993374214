import { readFile } from 'node:fs/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';

const PAGE = new URL('./explorer.html', import.meta.url);

/** A browser that opens /graphql without a question gets a page to ask with; it needs nothing from outside. */
export async function serveExplorer(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const { query } = (request.query ?? {}) as { readonly query?: string };
  const asksForPage = request.method === 'GET' && query === undefined && request.headers.upgrade === undefined;
  if (!asksForPage) return undefined;
  return reply.type('text/html; charset=utf-8').send(await readFile(PAGE, 'utf8'));
}

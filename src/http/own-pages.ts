import type { FastifyInstance, FastifyRequest } from 'fastify';

const READING: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * A page of somebody else in the operator's browser could post to loopback, where no token is needed. Browsers name the page
 * that sends; whoever is not a browser names nobody and is let through. With a token this is the token's affair.
 */
export function refuseForeignPages(server: FastifyInstance, token: string | null): void {
  if (token !== null) return;
  server.addHook('onRequest', async (request, reply) => {
    if (READING.has(request.method) || isOwn(request)) return;
    const message = `A page of ${request.headers.origin} may not change anything here`;
    return reply.code(403).send({ error: { code: 'foreign-origin', message } });
  });
}

function isOwn({ headers }: FastifyRequest): boolean {
  if (headers.origin === undefined) return true;
  return URL.canParse(headers.origin) && new URL(headers.origin).host === headers.host;
}

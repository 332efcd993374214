import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** Probes and webhooks: the former tell nothing, the latter are signed. */
const OPEN: ReadonlySet<string> = new Set(['/health', '/ready', '/webhook/plane', '/webhook/gitea']);

/**
 * Asks for `Authorization: Bearer <token>` before anything else looks at a request, GraphQL and its socket included,
 * which Nest's guards would not see. A browser may give the token as the password of Basic authentication, as it can set no
 * header when it opens a page; as it then sends it along by itself, such a request has to come from our own pages.
 */
export function requireToken(server: FastifyInstance, token: string | null): void {
  if (token === null) return;
  server.addHook('onRequest', async (request, reply) => {
    if (isOpen(request) || mayPass(request, token)) return;
    reply.header('www-authenticate', 'Bearer realm="orchestrator", Basic realm="orchestrator", charset="UTF-8"');
    const message = 'This needs the header "Authorization: Bearer <ORCH_API_TOKEN>"';
    return reply.code(401).send({ error: { code: 'unauthorized', message } });
  });
}

function isOpen({ url }: FastifyRequest): boolean {
  return OPEN.has(url.split('?', 1)[0] ?? '');
}

function mayPass({ headers }: FastifyRequest, token: string): boolean {
  const [, scheme, given] = /^(bearer|basic) +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
  if (scheme === undefined || given === undefined) return false;
  if (scheme.toLowerCase() === 'bearer') return isSame(given, token);
  const site = headers['sec-fetch-site'];
  return (site === 'same-origin' || site === 'none') && isSame(passwordIn(given), token);
}

function passwordIn(credentials: string): string {
  const text = Buffer.from(credentials, 'base64').toString('utf8');
  return text.slice(text.indexOf(':') + 1);
}

/** In constant time; digests, so that not even the length shows. */
export function isSame(given: string, token: string): boolean {
  return timingSafeEqual(digest(given), digest(token));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

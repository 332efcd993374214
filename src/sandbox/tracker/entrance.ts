import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Account, TrackerState } from './state.js';
import { SandboxBroken } from '../sandbox-broken.js';

const WINDOW_MS = 60_000;

declare module 'fastify' {
  interface FastifyRequest {
    trackerAccount?: Account;
  }
}

/** Who asks, and whether they may: a missing key is 401, a wrong one 403, and every key has its own sliding window. */
export function guardEntrance(app: FastifyInstance, state: TrackerState, limitPerMinute: () => number): void {
  const seen = new Map<string, number[]>();
  app.addHook('onRequest', async (request: FastifyRequest, reply: FastifyReply) => {
    const key = request.headers['x-api-key'];
    if (typeof key !== 'string' || key === '') {
      return reply.code(401).send({ detail: 'Authentication credentials were not provided.' });
    }
    const account = state.accounts.find(({ apiKey }) => apiKey === key);
    if (!account) return reply.code(403).send({ detail: 'Given API token is not valid' });
    request.trackerAccount = account;
    return spend(seen, key, limitPerMinute(), reply);
  });
}

export function accountOf(request: FastifyRequest): Account {
  if (!request.trackerAccount)
    throw new SandboxBroken('a request passed the entrance of the tracker without an account');
  return request.trackerAccount;
}

function spend(seen: Map<string, number[]>, key: string, limit: number, reply: FastifyReply): FastifyReply | undefined {
  const now = Date.now();
  const recent = (seen.get(key) ?? []).filter((at) => at > now - WINDOW_MS);
  const first = recent[0] ?? now;
  if (recent.length >= limit) {
    // A 429 carries no X-RateLimit-* headers.
    const seconds = Math.max(1, Math.ceil((first + WINDOW_MS - now) / 1000));
    void reply.header('Retry-After', String(seconds));
    return reply.code(429).send({ error_code: 5900, error_message: 'RATE_LIMIT_EXCEEDED' });
  }
  seen.set(key, [...recent, now]);
  void reply.header('X-RateLimit-Remaining', String(limit - recent.length - 1));
  void reply.header('X-RateLimit-Reset', String(Math.floor((now + WINDOW_MS) / 1000)));
  return undefined;
}

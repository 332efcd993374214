import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ForgeDesk } from '../desk.js';
import type { ForgeAccount } from '../state.js';
import { refuse } from './answers.js';

/** `token`, `Bearer`, or basic with the token as password or as user name, which is how git sends it. */
export function guardForge(app: FastifyInstance, desk: ForgeDesk): void {
  app.addHook('onRequest', async (request, reply) => {
    const given = request.headers.authorization;
    if (given === undefined) {
      void reply.header('WWW-Authenticate', 'Basic realm="Gitea"');
      return refuse(desk, reply, 401, 'token is required');
    }
    const account = accountOfHeader(desk, given);
    if (!account) return refuse(desk, reply, 401, 'invalid username, password or token');
    request.forgeAccount = account;
    return undefined;
  });
}

export function loginOf(request: FastifyRequest): string {
  return request.forgeAccount?.login ?? '';
}

function accountOfHeader(desk: ForgeDesk, header: string): ForgeAccount | undefined {
  const [scheme = '', value = ''] = header.split(' ');
  const secrets = scheme.toLowerCase() === 'basic' ? Buffer.from(value, 'base64').toString('utf8').split(':') : [value];
  return desk.state.value.accounts.find(({ token }) => secrets.includes(token));
}

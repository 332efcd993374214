import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { PageRefused } from '../projections/engine/page.js';
import { MomentRefused } from '../projections/event/moment.js';

interface Said {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly details?: unknown;
}

/** Every error leaves in one shape, `{"error": {code, message, details?}}`, and nothing of how the code looks inside leaves at all. */
@Catch()
export class ErrorsFilter implements ExceptionFilter {
  private readonly logger = new Logger('http');

  async catch(error: unknown, host: ArgumentsHost): Promise<void> {
    // A GraphQL resolver has no reply; its errors are formatted by the GraphQL door.
    if (host.getType() !== 'http') throw error;
    const { status, ...said } = sayingOf(error);
    if (status >= 500) this.logger.error(error);
    await host.switchToHttp().getResponse<FastifyReply>().status(status).send({ error: said });
  }
}

/** For what the server refuses before any of ours hears of it; set before the routes. A handler for the whole server is Nest's to set. */
export function refuseInOurShape(server: FastifyInstance): void {
  server.addHook('onRoute', (route) => {
    route.errorHandler ??= (error: unknown, _request: FastifyRequest, reply: FastifyReply) => {
      const { status, ...said } = sayingOf(error);
      void reply.status(status).send({ error: said });
    };
  });
}

function sayingOf(error: unknown): Said {
  if (error instanceof HttpException) return sayingOfHttp(error);
  if (error instanceof PageRefused || error instanceof MomentRefused) {
    return { status: 400, code: 'bad-request', message: error.message };
  }
  const { statusCode, message } = error as { statusCode?: unknown; message?: unknown };
  // Fastify refuses with a status of its own: a body that is too large or is not JSON.
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    return { status: statusCode, code: codeOf(statusCode), message: String(message) };
  }
  return {
    status: 500,
    code: 'internal-error',
    message: 'Something went wrong inside; the log of the service says what',
  };
}

/** An exception made from `{code, message, details}` keeps them; one of Nest's own gets the code of its status. */
function sayingOfHttp(error: HttpException): Said {
  const status = error.getStatus();
  const body = error.getResponse();
  if (typeof body === 'string') return { status, code: codeOf(status), message: body };
  const { code, message, details } = body as { code?: string; message?: string | string[]; details?: unknown };
  const said = { status, code: code ?? codeOf(status), message: [message ?? error.message].flat().join('; ') };
  return details === undefined ? said : { ...said, details };
}

const CODES: Readonly<Record<number, string>> = {
  400: 'bad-request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not-found',
  405: 'method-not-allowed',
  409: 'conflict',
  413: 'payload-too-large',
  415: 'unsupported-media-type',
  422: 'unprocessable',
  429: 'too-many-requests',
  503: 'unavailable',
};

function codeOf(status: number): string {
  return CODES[status] ?? (status >= 500 ? 'internal-error' : 'bad-request');
}

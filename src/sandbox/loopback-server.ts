import { fastify, type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Faults } from './faults.js';

export interface LoopbackOptions {
  readonly faults: Faults;
  /** Awaited before every answer: nothing is acknowledged that is not on disk. */
  readonly saved: () => Promise<void>;
  /** The server's own words for a failure inside. */
  readonly brokenBody: Readonly<Record<string, unknown>>;
}

export function loopbackServer(options: LoopbackOptions): FastifyInstance {
  const app = fastify({ forceCloseConnections: true, bodyLimit: 16 * 1024 * 1024, exposeHeadRoutes: false });
  app.addHook('onRequest', async (request, reply) => misbehave(options, request, reply));
  app.addHook('onSend', async (request) => {
    await options.saved();
    if (!options.faults.losesAnswer(request.method, pathOf(request))) return;
    // The caller waits for an answer that never comes; the socket is left to its time-out.
    await new Promise<never>(() => undefined);
  });
  app.setErrorHandler((error: FastifyError, _request, reply) => answerFailure(options, error, reply));
  return app;
}

/** Listens on the remembered port, or on a free one where none is remembered. */
export async function listenOnLoopback(app: FastifyInstance, port: number): Promise<number> {
  await app.listen({ host: '127.0.0.1', port });
  const address = app.server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

export function pathOf(request: FastifyRequest): string {
  return request.url.split('?')[0] ?? request.url;
}

async function misbehave(options: LoopbackOptions, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  if (options.faults.isDown) {
    reply.hijack();
    request.raw.socket.destroy();
    return undefined;
  }
  if (options.faults.slowMs > 0) await new Promise((done) => setTimeout(done, options.faults.slowMs));
  const [method, path] = [request.method, pathOf(request)];
  if (options.faults.breaks(method, path)) return reply.code(500).send(options.brokenBody);
  if (options.faults.isNonsense(method, path)) return reply.type('text/html').send('<html>Please log in</html>');
  return undefined;
}

function answerFailure(options: LoopbackOptions, error: FastifyError, reply: FastifyReply): void {
  const status = error.statusCode ?? 500;
  if (status >= 500) process.stderr.write(`sandbox: ${error.stack ?? error.message}\n`);
  void reply.code(status).send(status >= 500 ? options.brokenBody : { message: error.message, detail: error.message });
}

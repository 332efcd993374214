import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fastify, type FastifyReply, type FastifyRequest } from 'fastify';
import { listenOnLoopback } from './loopback-server.js';

export interface SandboxEnvironments {
  readonly port: number;
  /** While sick an environment answers its health check with 503. */
  makeSick(repo: string, environment: string, isSick: boolean): void;
  isSick(repo: string, environment: string): boolean;
  close(): Promise<void>;
}

type HealthRequest = FastifyRequest<{ Params: { repo: string; environment: string } }>;

/** Stands in for the running applications: each environment is healthy once something has been deployed to it. */
export async function startEnvironments(directory: string, port: number): Promise<SandboxEnvironments> {
  const app = fastify({ forceCloseConnections: true });
  const sick = new Set<string>();
  app.get('/:repo/:environment/health', async (request: HealthRequest, reply: FastifyReply) => {
    const { repo, environment } = request.params;
    const revision = await revisionOf(join(directory, repo, environment));
    const isHealthy = revision !== null && !sick.has(`${repo}/${environment}`);
    return reply.code(isHealthy ? 200 : 503).send({ status: isHealthy ? 'ok' : 'down', environment, revision });
  });
  return {
    port: await listenOnLoopback(app, port),
    makeSick: (repo, environment, isSick) => {
      if (isSick) sick.add(`${repo}/${environment}`);
      else sick.delete(`${repo}/${environment}`);
    },
    isSick: (repo, environment) => sick.has(`${repo}/${environment}`),
    close: () => app.close(),
  };
}

async function revisionOf(home: string): Promise<string | null> {
  try {
    return (await readFile(join(home, 'REVISION'), 'utf8')).trim();
  } catch {
    return null;
  }
}

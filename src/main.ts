import { ValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import 'reflect-metadata';
import { AppModule } from './app.module.js';
import type { Config } from './config/config.js';
import { ConfigurationInvalid } from './config/configuration-invalid.js';
import { loadConfig } from './config/load-config.js';
import { LogFormatUnsupported, LogUnavailable } from './event-log/errors.js';
import { InstanceLock } from './event-log/sqlite/side-tables/instance-lock.js';
import { refuseInOurShape } from './http/errors.js';
import { Leadership } from './queue/leadership/leadership.js';
import { Runtime } from './runtime.js';
import type { SandboxMode } from './sandbox-mode.js';
import { createLog } from './telemetry/log.js';
import { NestLog } from './telemetry/nest-log.js';

const BODY_BYTES_MAX = 5 * 1024 * 1024;

/** The service: opens its doors first, so that no webhook is lost, and then sets everything in motion. */
export async function serve(env: NodeJS.ProcessEnv, cwd: string): Promise<void> {
  const asked = loadConfig(env, cwd);
  const lock = await InstanceLock.acquire(asked.dataDir);
  const sandbox = asked.sandbox ? await sandboxFor(asked, env, cwd) : null;
  const config = sandbox?.config ?? asked;
  const app = await compose(config, sandbox);
  await app.listen(config.server.port, config.server.host);
  announce(config, sandbox);
  endWhenOvertaken(app.get(Leadership));
  stopOnSignal(app, [() => sandbox?.close(), () => lock.release()]);
  await app.get(Runtime).start();
}

/** What plays the outside is loaded where it is wanted. */
async function sandboxFor(config: Config, env: NodeJS.ProcessEnv, cwd: string): Promise<SandboxMode> {
  const { startSandboxMode } = await import('./sandbox-mode.js');
  return startSandboxMode(config, env, cwd);
}

async function compose(config: Config, sandbox: SandboxMode | null): Promise<NestFastifyApplication> {
  const log = createLog(config);
  for (const warning of config.warnings) log.warn({ logger: 'orchestrator.config' }, warning);
  const adapter = new FastifyAdapter({ bodyLimit: BODY_BYTES_MAX });
  refuseInOurShape(adapter.getInstance());
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.of(config, sandbox?.desk ?? null), adapter, {
    logger: new NestLog(log),
    rawBody: true,
    abortOnError: false,
  });
  return app.useGlobalPipes(new ValidationPipe({ whitelist: true, transform: true }));
}

function announce({ server }: Config, sandbox: SandboxMode | null): void {
  const mode = sandbox ? ' in sandbox mode (local tracker, local forge, scripted agent)' : '';
  console.log(`orchestrator serves on http://${server.host}:${server.port}${mode}`);
}

/** Ends with exit code 0; a second signal ends at once. Not `once`: a library of ours ends the process when nobody listens any more. */
function stopOnSignal(app: NestFastifyApplication, afterwards: readonly (() => Promise<void> | undefined)[]): void {
  let isStopping = false;
  const stop = async (): Promise<void> => {
    if (isStopping) process.exit(1);
    isStopping = true;
    await app.close();
    for (const close of afterwards) await close();
    process.exit(0);
  };
  process.on('SIGINT', () => void stop());
  process.on('SIGTERM', () => void stop());
}

/** As a crash ends it, which everything bears: nothing of what it had in hand may go on (exit code 75, as for any that may be tried again). */
function endWhenOvertaken(leadership: Leadership): void {
  void leadership.lost.then((sentence) => {
    console.error(sentence);
    process.exit(75);
  });
}

const MENDABLE = [ConfigurationInvalid, LogUnavailable, LogFormatUnsupported];

/** A sentence for what the operator can mend; anything else is a fault and shows where it happened. */
export function explain(error: unknown): string {
  if (MENDABLE.some((kind) => error instanceof kind)) return (error as Error).message;
  if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE')
    return `${(error as Error).message}: set ORCH_PORT to a free port`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  serve(process.env, process.cwd()).catch((error: unknown) => {
    console.error(explain(error));
    process.exit(1);
  });
}

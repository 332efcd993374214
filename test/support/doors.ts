import { Global, Module, ValidationPipe, type DynamicModule } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandsModule } from '../../src/commands/commands.module.js';
import { ConfigModule } from '../../src/config/config.module.js';
import { loadConfig } from '../../src/config/load-config.js';
import { policyOf } from '../../src/config/policy.js';
import { RunFilesModule } from '../../src/effects/job/run-files.module.js';
import { EVENT_LOG, type EventLog } from '../../src/event-log/event-log.js';
import { InMemoryEventLog } from '../../src/event-log/in-memory/in-memory-event-log.js';
import { InMemorySnapshots, SNAPSHOTS } from '../../src/event-log/snapshots.js';
import { GraphqlModule } from '../../src/graphql/graphql.module.js';
import { HttpModule } from '../../src/http/http.module.js';
import { OperatorModule } from '../../src/http/operator/operator.module.js';
import { AGENT_RUNNER } from '../../src/integrations/agent-runner.js';
import { CLOCK } from '../../src/kernel/clock.js';
import { METRICS } from '../../src/kernel/metrics.js';
import { POLICY } from '../../src/kernel/pipeline/policy.js';
import { Projector } from '../../src/projections/engine/projector.js';
import { ProjectionsModule } from '../../src/projections/projections.module.js';
import { runner } from '../integrations/claude/recorded.js';

export interface Answer {
  readonly status: number;
  readonly body: any; // eslint-disable-line @typescript-eslint/no-explicit-any -- a test reads what it expects
  readonly text: string;
}

export interface Named {
  readonly repo: string;
  readonly prefix: string;
}

/** All doors but the webhooks' over a log in memory, without anything that moves by itself. */
export class Doors {
  private constructor(
    readonly log: EventLog,
    readonly app: NestFastifyApplication,
    private readonly place: { readonly folder: string; readonly url: string },
  ) {}

  get folder(): string {
    return this.place.folder;
  }

  get url(): string {
    return this.place.url;
  }

  static async open(env: NodeJS.ProcessEnv = {}, projects: readonly Named[] = []): Promise<Doors> {
    const folder = await mkdtemp(join(tmpdir(), 'orchestrator-doors-'));
    const log = new InMemoryEventLog();
    const config = loadConfig({ ORCH_DATA_DIR: folder, ...(await projectsFile(folder, projects)), ...env }, folder);
    const world = worldOf(log, policyOf(config));
    const readSide = ProjectionsModule.forRoot({ path: config.readModels.path });
    const zones = [CommandsModule, readSide, HttpModule, OperatorModule, RunFilesModule, GraphqlModule];
    const imports = [CqrsModule.forRoot(), ConfigModule.of(config), world, ...zones];
    const module = await Test.createTestingModule({ imports }).compile();
    const app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { logger: false });
    app.useGlobalPipes(new ValidationPipe({ whitelist: true, transform: true }));
    await app.listen(0, '127.0.0.1');
    return new Doors(log, app, { folder, url: await app.getUrl() });
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.log.close();
    await rm(this.place.folder, { recursive: true, force: true });
  }

  /** Everything that was seeded can be read. */
  async caughtUp(): Promise<void> {
    const reached = await this.app.get(Projector).waitFor(await this.log.head(), 5_000);
    if (!reached) throw new Error('The projector did not catch up');
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send(path, { headers });
  }

  post(path: string, payload: object, headers: Record<string, string> = {}): Promise<Answer> {
    const body = JSON.stringify(payload);
    return this.send(path, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });
  }

  delete(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send(path, { method: 'DELETE', headers });
  }

  /** The data of a query that has to succeed. */
  async ask(query: string, variables: object = {}): Promise<Answer['body']> {
    const { body } = await this.post('/graphql', { query, variables });
    if (body.errors) throw new Error(JSON.stringify(body.errors));
    return body.data;
  }

  private async send(path: string, init: RequestInit): Promise<Answer> {
    const reply = await fetch(`${this.place.url}${path}`, init);
    const text = await reply.text();
    return { status: reply.status, text, body: text.startsWith('{') ? JSON.parse(text) : undefined };
  }
}

async function projectsFile(folder: string, projects: readonly Named[]): Promise<NodeJS.ProcessEnv> {
  if (projects.length === 0) return {};
  const path = join(folder, 'projects.json');
  const entries = projects.map((project) => ({ ...project, planeProjectId: `p-${project.prefix}` }));
  await writeFile(path, JSON.stringify({ projects: entries }));
  return { ORCH_PROJECTS_FILE: path };
}

function worldOf(log: EventLog, policy: object): DynamicModule {
  const metrics = { contentType: 'text/plain', text: async () => 'orchestrator_up 1\n', watch: () => undefined };
  const values = [
    [EVENT_LOG, log],
    [SNAPSHOTS, new InMemorySnapshots()],
    [CLOCK, { now: () => Date.now() }],
    [POLICY, policy],
    [METRICS, metrics],
    [AGENT_RUNNER, runner()],
  ] as const;
  const providers = values.map(([provide, useValue]) => ({ provide, useValue }));
  return { module: World, providers, exports: providers.map(({ provide }) => provide) };
}

@Global()
@Module({})
class World {}

import type { CommandBus } from '@nestjs/cqrs';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Aggregates } from '../../../src/commands/aggregates.js';
import { DECIDERS } from '../../../src/commands/deciders.js';
import { Transact } from '../../../src/commands/transact.js';
import type { Project } from '../../../src/config/projects.js';
import { ProductionWatcher } from '../../../src/effects/post-deploy/watcher.js';
import { InMemoryEventLog } from '../../../src/event-log/in-memory/in-memory-event-log.js';
import { InMemorySnapshots } from '../../../src/event-log/snapshots.js';
import type { Answer } from '../../../src/kernel/answer.js';
import { assert } from '../../../src/kernel/assert.js';
import { BackgroundStats } from '../../../src/kernel/background-stats.js';
import type { Command } from '../../../src/kernel/command.js';
import type { RecordedEvent } from '../../../src/kernel/event.js';
import type { Policy } from '../../../src/kernel/pipeline/policy.js';
import { toIso } from '../../../src/kernel/time.js';
import { Projector } from '../../../src/projections/engine/projector.js';
import { ReadModels } from '../../../src/projections/engine/read-models.js';
import { queueSnapshot, type QueueSnapshot } from '../../../src/projections/queue/queue-snapshot.js';
import { READ_MODELS } from '../../../src/projections/read-models.js';
import { Work } from '../../../src/projections/work.js';
import { postDeployNewsSaga } from '../../../src/sagas/post-deploy/news.js';
import { postDeploySaga } from '../../../src/sagas/post-deploy/watch.js';
import { commandsOf } from '../../../src/sagas/saga.js';
import { commandContext, START_MS } from '../../support/given.js';
import { SHOP } from '../../support/lives/watch-history.js';
import { TaskStory } from '../../support/task-story.js';

type Class<C extends Command> = new (stream: string, payload: C['payload'], context: C['context']) => C;

/** Log, deciders, the two sagas, read models and the watcher as they are in force; a production that answers over HTTP; a clock that is set. */
export class WatchWorld {
  private nowMs = START_MS;
  private readonly clock = { now: () => this.nowMs };
  readonly log = new InMemoryEventLog({ clock: this.clock });
  /** What production answers with; 0 is never. */
  status = 200;
  asked = 0;
  private heard = 0;
  private wishes = 0;
  private readonly reads: ReadModels;
  private readonly projector: Projector;
  private readonly transact: Transact;
  private server!: Server;
  private watcher!: ProductionWatcher;

  private constructor(
    readonly policy: Policy,
    folder: string,
  ) {
    const path = join(folder, 'read-models.db');
    this.reads = new ReadModels(path);
    this.projector = new Projector(this.log, { path, models: READ_MODELS });
    this.transact = new Transact(this.log, new Aggregates(this.log, new InMemorySnapshots()), policy);
  }

  static async open(policy: Policy, folder: string): Promise<WatchWorld> {
    const world = new WatchWorld(policy, folder);
    world.server = createServer((_request, response) => {
      world.asked += 1;
      if (world.status > 0) response.writeHead(world.status).end();
    }).listen(0, '127.0.0.1');
    await once(world.server, 'listening');
    await world.projector.start();
    world.restart();
    return world;
  }

  async close(): Promise<void> {
    await this.projector.stop();
    await this.reads.close();
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  /** A service that knows nothing but what is recorded. */
  restart(healthUrl: string | null = this.healthUrl): void {
    const project = { repo: SHOP.repo, production: { healthUrl } } as Project;
    const commands = { execute: (command: Command) => this.execute(command) } as unknown as CommandBus;
    const world = { commands, clock: this.clock, policy: this.policy };
    this.watcher = new ProductionWatcher({ ...world, config: { projects: [project] }, work: new Work(this.reads) });
  }

  get healthUrl(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/health`;
  }

  /** The task that a production hook has just finished; the watch follows by itself. */
  async deployed(workItem: string, head: string): Promise<TaskStory> {
    const story = new TaskStory(this.log, workItem, SHOP.repo);
    await story.open();
    const deployId = await this.log.head();
    const about = { deployId, taskId: story.taskId, workItem, repo: SHOP.repo, environment: 'production' };
    await this.tell(`deploy-${deployId}`, 'DeployRequested', {
      ...{ ...about, stage: 'deploy', visit: 7, round: 1, action: 'deploy' },
      ...{ revision: { head, codeTree: `tree-${head}` }, previousRevision: null },
    });
    await story.advance('done');
    await this.settle();
    return story;
  }

  async tell(stream: string, type: string, data: object): Promise<RecordedEvent> {
    const [newest] = await this.log.readStream(stream, { direction: 'backwards', limit: 1 });
    const id = `told-${await this.log.head()}`;
    const metadata = { $correlationId: 'ET-001', $causationId: null, actor: 'system', schemaVersion: 1, commandId: id };
    const events = [{ id, type, data, metadata }];
    await this.log.append([{ stream, expected: newest?.revision ?? 'no-stream', events }]);
    const recorded = await this.log.readEvent(id);
    assert(recorded, `${type} is recorded`);
    return recorded;
  }

  async send<C extends Command>(type: Class<C>, stream: string, payload: C['payload']): Promise<void> {
    this.wishes += 1;
    const at = toIso(this.nowMs);
    await this.execute(new type(stream, payload, commandContext({ commandId: `wish-${this.wishes}`, at })));
    await this.settle();
  }

  /** Time passes, and the watcher looks once. */
  async after(seconds: number): Promise<void> {
    this.nowMs += seconds * 1000;
    await this.watcher.look();
    await this.watcher.settled();
    await this.settle();
  }

  async checks(count: number, seconds = 10): Promise<void> {
    for (let made = 0; made < count; made += 1) await this.after(seconds);
  }

  async events(type: string): Promise<readonly RecordedEvent[]> {
    return this.log.readAll({ types: [type], limit: 1000 });
  }

  async last(type: string): Promise<RecordedEvent> {
    const found = (await this.events(type)).at(-1);
    assert(found, `there is a ${type}`);
    return found;
  }

  /** Keys of the catalogue that the chat was to be told. */
  async chat(): Promise<readonly string[]> {
    const told = (await this.events('NotificationRequested')).map(
      ({ data }) => data as { channel: string; message: string },
    );
    return told.filter(({ channel }) => channel === 'chat').map(({ message }) => message);
  }

  queue(): Promise<QueueSnapshot> {
    const settings = { policy: this.policy, pollIntervalS: 5, stats: new BackgroundStats() };
    return queueSnapshot(this.reads, settings, this.nowMs);
  }

  private execute(command: Command): Promise<Answer> {
    const decider = DECIDERS.find(({ category }) => command.stream.startsWith(`${category}-`));
    assert(decider, `somebody decides ${command.stream}`);
    return this.transact.run(decider, command);
  }

  private async settle(): Promise<void> {
    for (let page = await this.unheard(); page.length > 0; page = await this.unheard()) {
      for (const event of page) await this.react(event);
      this.heard = page.at(-1)?.position ?? this.heard;
    }
    await this.projector.waitFor(await this.log.head(), 5_000);
  }

  private async react(event: RecordedEvent): Promise<void> {
    const sagas = [postDeploySaga, postDeployNewsSaga].filter(({ types }) => types.includes(event.type));
    const commands = sagas.flatMap((saga) => commandsOf(saga, event, this.policy));
    for (const command of commands) await this.execute(command);
  }

  private unheard(): Promise<readonly RecordedEvent[]> {
    return this.log.readAll({ after: this.heard });
  }
}

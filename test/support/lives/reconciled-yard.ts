import { Global, Module, type DynamicModule } from '@nestjs/common';
import { CommandBus, CqrsModule } from '@nestjs/cqrs';
import { Test, type TestingModule } from '@nestjs/testing';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { CommandsModule } from '../../../src/commands/commands.module.js';
import type { ReceiveDelivery } from '../../../src/domain/inbox/commands.js';
import { ReportWorkFinished, RequestGateCheck } from '../../../src/domain/task/commands.js';
import { Clearances } from '../../../src/effects/deploy/clearance.js';
import { ProductionStarts } from '../../../src/effects/deploy/production-starts.js';
import { EffectRunner } from '../../../src/effects/effect-runner.js';
import { Deliveries } from '../../../src/effects/inbox/deliveries.js';
import { Observation } from '../../../src/effects/inbox/observation.js';
import { Relations } from '../../../src/effects/inbox/relations.js';
import { Reconciler } from '../../../src/effects/reconcile/reconciler.js';
import { StuckTasks } from '../../../src/effects/reconcile/stuck-tasks.js';
import { GateChecks } from '../../../src/effects/task/gate-checks.js';
import { MergeGate } from '../../../src/effects/task/merge-gate.js';
import type { GateReaders } from '../../../src/effects/task/gate-readers.js';
import { EVENT_LOG } from '../../../src/event-log/event-log.js';
import { InMemoryCheckpoints } from '../../../src/event-log/in-memory/in-memory-checkpoints.js';
import { InMemoryEventLog } from '../../../src/event-log/in-memory/in-memory-event-log.js';
import { InMemorySnapshots, SNAPSHOTS } from '../../../src/event-log/snapshots.js';
import { PlaneTracker } from '../../../src/integrations/plane/plane-tracker.js';
import type { Tracker } from '../../../src/integrations/tracker.js';
import { BackgroundStats } from '../../../src/kernel/background-stats.js';
import { CLOCK } from '../../../src/kernel/clock.js';
import type { Command, CommandContext } from '../../../src/kernel/command.js';
import type { RecordedEvent } from '../../../src/kernel/event.js';
import { POLICY, type Policy } from '../../../src/kernel/pipeline/policy.js';
import type { Stage } from '../../../src/kernel/pipeline/stage.js';
import { toIso } from '../../../src/kernel/time.js';
import { Projector } from '../../../src/projections/engine/projector.js';
import { ReadModels } from '../../../src/projections/engine/read-models.js';
import { ProjectionsModule } from '../../../src/projections/projections.module.js';
import { queueSnapshot } from '../../../src/projections/queue/queue-snapshot.js';
import type { TaskRow } from '../../../src/projections/task/tasks.js';
import { Work } from '../../../src/projections/work.js';
import { intakeSaga } from '../../../src/sagas/intake.js';
import { notifierSaga } from '../../../src/sagas/notifier.js';
import { pipelineSaga } from '../../../src/sagas/pipeline.js';
import { SagaRunner } from '../../../src/sagas/saga-runner.js';
import { serialGateSaga } from '../../../src/sagas/serial-gate.js';
import { sourcesSaga } from '../../../src/sagas/sources.js';
import type { SandboxCoordinates } from '../../../src/sandbox/coordinates.js';
import { personIn, type Person } from '../../../src/sandbox/person.js';
import { startTracker, type SandboxTracker } from '../../../src/sandbox/tracker/server.js';
import { AGENT_PROJECT, policyWith, SELF_HOSTING_PROJECT } from '../policy.js';
import { until } from '../until.js';
import { SteeredGates } from './steered-gates.js';

const WAIT_MS_MAX = 15_000;
const COMMIT = { head: 'c0ffee', codeTree: '7ree' };

/**
 * The reconciler with everything that it decides through: log, deciders, sagas, read models, gate checks, and a real tracker beside it that sends no
 * webhook. Only the gates are steered, and time goes as the test says.
 */
export class ReconciledYard {
  readonly log: InMemoryEventLog;
  readonly gates = new SteeredGates();
  readonly stats = new BackgroundStats();
  reconciler!: Reconciler;
  private aheadMs = 0;
  private module!: TestingModule;
  private parts: { stop(): Promise<void> }[] = [];

  private constructor(
    readonly desk: SandboxTracker,
    readonly policy: Policy,
    readonly tracker: Tracker,
  ) {
    this.log = new InMemoryEventLog({ clock: this.clock });
  }

  private readonly clock = { now: () => Date.now() + this.aheadMs };

  static async open(
    folder: string,
    reconcile: Partial<Policy['reconcile']> = {},
    projects = [AGENT_PROJECT, SELF_HOSTING_PROJECT],
  ): Promise<ReconciledYard> {
    const desk = await startTracker({
      ...{ stateDir: folder, port: 0, webhookUrl: null, limitPerMinute: 100_000 },
      projects: projects.map(({ prefix, repo }) => ({ identifier: prefix, name: repo })),
      retry: { delayMs: 100, retriesMax: 1 },
    });
    const [bot] = desk.state.accounts;
    const access = { url: urlOf(desk), workspace: desk.state.workspaceSlug, token: bot?.apiKey ?? '' };
    const own = projects.map((project) => ({ ...project, planeProjectId: trackerProject(desk, project.repo) }));
    const policy = policyWith({ reconcile, projects: own, merge: { gateEnabled: false } });
    const yard = new ReconciledYard(
      desk,
      policy,
      new PlaneTracker({ ...access, rateLimitPerMin: 6_000, timeoutMs: 5_000 }),
    );
    await yard.start(join(folder, 'read-models.db'));
    return yard;
  }

  async close(): Promise<void> {
    await this.reconciler.stop();
    for (const part of this.parts) await part.stop();
    await this.module.close();
    await this.log.close();
    await this.desk.close();
  }

  forward(seconds: number): void {
    this.aheadMs += seconds * 1000;
  }

  person(repo = AGENT_PROJECT.repo): Person {
    const { workspaceSlug: workspace, accounts, projects } = this.desk.state;
    const found = projects.find(({ name }) => name === repo);
    const project = { prefix: found?.identifier ?? '', planeProjectId: found?.id ?? '' };
    const coordinates = { trackerUrl: urlOf(this.desk), workspace, tokens: { trackerPerson: accounts[1]?.apiKey } };
    return personIn(coordinates as unknown as SandboxCoordinates, project as SandboxCoordinates['projects'][0]);
  }

  tick(): Promise<void> {
    return this.reconciler.tick();
  }

  /** An item that a poll brought into the pipeline, let through until its task stands in the stage with its work done and a gate that is not green. */
  async taskIn(stage: Stage, repo = AGENT_PROJECT.repo): Promise<TaskRow> {
    const { itemId, workItem } = await this.person(repo).createItem(`Stuck in ${stage}`, '', 'In Progress');
    await this.tick();
    let task = await this.taskWhen(workItem, ({ stage: now }) => now === 'analysis');
    while (task.stage !== stage) {
      this.gates.turn(task.stage, 'passed');
      await this.finish(task);
      if (task.stage === 'analysis') await this.approve(itemId, workItem);
      const { visit } = task;
      task = await this.taskWhen(workItem, (row) => row.visit > visit);
    }
    this.gates.turn(stage, 'absent');
    await this.finish(task);
    await this.happens('GateCheckAnswered', ({ data }) => 'visit' in data && data.visit === task.visit, workItem);
    this.gates.asked = [];
    return this.task(workItem);
  }

  /** The work of the stage is published, and its gates are looked at. */
  async finish({ id, visit, work_item_id: workItem }: TaskRow): Promise<void> {
    const { round } = await this.taskWhen(workItem, (row) => row.round > 0);
    const work = { visit, round, by: 'job-1', commit: COMMIT, artifacts: [], pullRequest: 7 };
    await this.send(ReportWorkFinished, `task-${id}`, work);
    await this.taskWhen(workItem, (row) => row.visit > visit || row.artifacts !== null);
  }

  async task(workItem: string): Promise<TaskRow> {
    await this.caughtUp();
    const row = await this.module.get(Work).taskOf(workItem);
    if (!row) throw new Error(`${workItem} has no task`);
    return row;
  }

  async tasksOf(repo: string): Promise<readonly TaskRow[]> {
    await this.caughtUp();
    return (await this.module.get(Work).unfinishedTasks()).filter((task) => task.repo === repo);
  }

  /** As a webhook of the forge would have it done. */
  async lookAgain(workItem: string): Promise<void> {
    const { id } = await this.task(workItem);
    await this.send(RequestGateCheck, `task-${id}`, { trigger: 'gitea: checks-changed', head: null });
  }

  async taskWhen(workItem: string, fits: (row: TaskRow) => boolean): Promise<TaskRow> {
    let row: TaskRow | null = null;
    const looked = async (): Promise<boolean> => {
      await this.caughtUp();
      row = await this.module.get(Work).taskOf(workItem);
      return row !== null && fits(row);
    };
    await until(looked, `the task of ${workItem} gets there`, WAIT_MS_MAX);
    return row as unknown as TaskRow;
  }

  async events(type: string, workItem?: string): Promise<readonly RecordedEvent[]> {
    const all = await this.log.readAll({ types: [type] });
    return all.filter(({ metadata }) => workItem === undefined || metadata.$correlationId === workItem);
  }

  async happens(type: string, fits: (event: RecordedEvent) => boolean = () => true, workItem?: string): Promise<void> {
    const happened = async () => (await this.events(type, workItem)).some(fits);
    await until(happened, `${type} happens`, WAIT_MS_MAX);
  }

  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test reads what it expects of the block
  async queueBlock(): Promise<any> {
    await this.caughtUp();
    const settings = { policy: this.policy, pollIntervalS: 5, stats: this.stats };
    return (await queueSnapshot(this.module.get(ReadModels), settings, this.clock.now())).reconcile;
  }

  /** What a door would do with a webhook that it took. */
  receive(delivery: ReceiveDelivery): Promise<unknown> {
    return this.module.get(CommandBus).execute(delivery);
  }

  async send<C extends Command>(
    type: new (stream: string, payload: C['payload'], context: CommandContext) => C,
    stream: string,
    payload: C['payload'],
  ): Promise<void> {
    const given = { actor: 'system', correlationId: stream, causationId: null };
    const context = { commandId: randomUUID(), at: toIso(this.clock.now()), ...given };
    await this.module.get(CommandBus).execute(new type(stream, payload, context));
  }

  async caughtUp(): Promise<void> {
    await this.module.get(Projector).waitFor(await this.log.head(), WAIT_MS_MAX);
  }

  private async approve(itemId: string, workItem: string): Promise<void> {
    await this.happens('ApprovalRequested', () => true, workItem);
    const [row] = await this.module
      .get(ReadModels)
      .all<{ repo: string }>('SELECT repo FROM items WHERE id = ?', [itemId]);
    await this.person(row?.repo).setStatus(itemId, 'Approved');
    await this.tick();
  }

  private async start(path: string): Promise<void> {
    const { log, clock, policy, tracker, stats } = this;
    const imports = [CqrsModule.forRoot(), this.world(), CommandsModule, ProjectionsModule.forRoot({ path })];
    this.module = await Test.createTestingModule({ imports }).compile();
    await this.module.init();
    const [commands, work, projector] = [CommandBus, Work, Projector].map((part) => this.module.get(part)) as Parts;
    const readers = this.gates as unknown as GateReaders;
    // Switched off, it never touches a worktree, and no lease is asked for.
    const mergeGate = new MergeGate(NO_GIT, NO_GIT, policy);
    const relations = new Relations(tracker, work, policy);
    const observation = new Observation(tracker, work, clock, relations);
    const effects = [
      new GateChecks(readers, mergeGate, NO_LEASES),
      new Deliveries(observation, relations, work, policy),
      new ProductionStarts(new Clearances({ log, projector, work, policy }), work),
    ];
    const assertMayAct = () => Promise.resolve();
    const runner = new EffectRunner({ log, projector, work, commands, clock, assertMayAct }, effects);
    const sagas = [intakeSaga, pipelineSaga, serialGateSaga, notifierSaga, sourcesSaga];
    const listeners = new SagaRunner({ log, checkpoints: new InMemoryCheckpoints(), commands, policy }, sagas);
    const stuck = new StuckTasks(readers, policy, clock, tracker);
    this.reconciler = new Reconciler({ commands, clock, tracker, work, observation, relations, stuck, policy, stats });
    this.parts = [listeners, runner];
    listeners.start();
    await runner.start();
  }

  private world(): DynamicModule {
    const values = [
      [EVENT_LOG, this.log],
      [SNAPSHOTS, new InMemorySnapshots()],
      [CLOCK, this.clock],
      [POLICY, this.policy],
    ] as const;
    const providers = values.map(([provide, useValue]) => ({ provide, useValue }));
    return { module: Around, providers, exports: providers.map(({ provide }) => provide) };
  }
}

type Parts = [CommandBus, Work, Projector];

const NO_GIT = null as never;
const NO_LEASES = null as never;

@Global()
@Module({})
class Around {}

function trackerProject({ state }: SandboxTracker, repo: string): string {
  return state.projects.find(({ name }) => name === repo)?.id ?? '';
}

function urlOf({ port }: SandboxTracker): string {
  return `http://127.0.0.1:${port}`;
}

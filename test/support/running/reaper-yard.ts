import type { CommandBus } from '@nestjs/cqrs';
import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Aggregates } from '../../../src/commands/aggregates.js';
import { DECIDERS } from '../../../src/commands/deciders.js';
import { Transact } from '../../../src/commands/transact.js';
import { ClaimJob } from '../../../src/domain/job/commands.js';
import { ApproveTask, OpenTask } from '../../../src/domain/task/commands.js';
import type { AnyEffect, Effect } from '../../../src/effects/effect.js';
import { EffectRunner } from '../../../src/effects/effect-runner.js';
import { OnItsHost } from '../../../src/effects/job/on-its-host.js';
import { Publications } from '../../../src/effects/job/publications.js';
import { Reaper } from '../../../src/effects/job/reaper.js';
import { LeaseSweep } from '../../../src/effects/merge-lease/lease-sweep.js';
import { RunStops } from '../../../src/effects/job/run-stops.js';
import { InMemoryCheckpoints } from '../../../src/event-log/in-memory/in-memory-checkpoints.js';
import { InMemoryEventLog } from '../../../src/event-log/in-memory/in-memory-event-log.js';
import { InMemorySnapshots } from '../../../src/event-log/snapshots.js';
import type { Forge } from '../../../src/integrations/forge.js';
import { GitUnavailable, type Published, type Worktrees } from '../../../src/integrations/worktrees.js';
import { assert } from '../../../src/kernel/assert.js';
import { BackgroundStats } from '../../../src/kernel/background-stats.js';
import type { Command } from '../../../src/kernel/command.js';
import type { RecordedEvent } from '../../../src/kernel/event.js';
import type { Policy } from '../../../src/kernel/pipeline/policy.js';
import { toIso } from '../../../src/kernel/time.js';
import { Projector } from '../../../src/projections/engine/projector.js';
import { ReadModels } from '../../../src/projections/engine/read-models.js';
import { READ_MODELS } from '../../../src/projections/read-models.js';
import { Work } from '../../../src/projections/work.js';
import { runDirectoryOf } from '../../../src/queue/supervisor/run-directory.js';
import type { Hosts } from '../../../src/queue/hosts/hosts.js';
import { RunLooks } from '../../../src/queue/hosts/run-looks.js';
import { identify } from '../../../src/queue/supervisor/process-identity.js';
import { Supervisor } from '../../../src/queue/supervisor/supervisor.js';
import { Worker } from '../../../src/queue/worker.js';
import { notifierSaga } from '../../../src/sagas/notifier.js';
import { pipelineSaga } from '../../../src/sagas/pipeline.js';
import { SagaRunner } from '../../../src/sagas/saga-runner.js';
import { runner, SUCCESS } from '../../integrations/claude/recorded.js';
import { fixedHosts } from './fixed-hosts.js';
import { seed } from '../seed.js';
import { GREEN_GATES } from './green-gates.js';
import { until } from '../until.js';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test reads what it expects of an event
export type Fact = RecordedEvent & { readonly data: any };

const ARTIFACTS = ['01-brd.md', '02-trz.md', '03-acceptance-criteria.md', '04-test-plan.yaml'];
const OURSELVES = identify(process.pid);

/** The reaper over a log in memory and real run folders; nobody watches the runs, so whatever happens to them it did. */
export class ReaperYard {
  readonly log = new InMemoryEventLog();
  readonly stats = new BackgroundStats();
  readonly supervisor = new Supervisor();
  readonly reaper: Reaper;
  readonly work: Work;
  /** Hosts of which nothing is heard. */
  readonly silent = new Set<string>();
  nowMs = Date.parse('2026-01-01T12:00:00.000Z');
  /** What a run that ended well is found to have written. */
  artifacts: readonly string[] = ARTIFACTS;
  /** Why the forge takes nothing; null: it takes everything. */
  trouble: string | null = null;
  private readonly reads: ReadModels;
  private readonly projector: Projector;
  private readonly moving: { stop(): Promise<void> }[] = [];
  private readonly checkpoints = new InMemoryCheckpoints();
  private tasks = 0;

  constructor(
    readonly folder: string,
    private readonly policy: Policy,
  ) {
    const path = join(folder, 'read-models.db');
    this.reads = new ReadModels(path);
    this.work = new Work(this.reads);
    this.projector = new Projector(this.log, { path, models: READ_MODELS });
    const world = this.world();
    this.reaper = new Reaper({ ...world, leases: new LeaseSweep(world), dataDir: folder });
  }

  async start(): Promise<void> {
    await this.projector.start();
    const world = this.world();
    const sagas = new SagaRunner({ ...world, checkpoints: this.checkpoints }, [pipelineSaga, notifierSaga]);
    sagas.start();
    this.moving.push(sagas);
    await this.startEffects();
  }

  /** As after a crash: what is open is taken up again. */
  async restartEffects(): Promise<void> {
    await this.moving.shift()?.stop();
    await this.caughtUp();
    await this.startEffects();
  }

  private async startEffects(): Promise<void> {
    const world = this.world();
    const onItsHost = (effect: AnyEffect) => new OnItsHost(effect as Effect, { ...world, instance: { name: 'here' } });
    const effects = new EffectRunner({ ...world, assertMayAct: () => Promise.resolve() }, [
      onItsHost(new RunStops('JobReaped', { ...world, dataDir: this.folder })),
      onItsHost(new RunStops('JobCancelled', { ...world, dataDir: this.folder })),
      onItsHost(new Publications('RunEnded', world)),
      onItsHost(new Publications('PublicationFailed', world)),
      GREEN_GATES,
    ]);
    await effects.start();
    this.moving.unshift(effects);
  }

  async end(): Promise<void> {
    await this.reaper.stop();
    for (const part of this.moving) await part.stop();
    await this.projector.stop();
    await this.reads.close();
  }

  /** A task whose analyst's job is queued; answers with the job's number. */
  async queuedJob(): Promise<number> {
    this.tasks += 1;
    const workItem = `ET-00${this.tasks}`;
    const about = { itemId: 'i', projectId: 'project-et', repo: 'enduro-trails', title: 'A map', description: '' };
    const task = { taskId: this.tasks, workItem, branch: `feature/${workItem}`, ...about };
    await this.execute(new OpenTask(`task-${this.tasks}`, task, this.contextOf(workItem)));
    const queued = await this.happens('JobQueued', ({ data }) => data.workItem === workItem);
    return queued.data.jobId;
  }

  /** The architect's job of a task whose analysis is approved; the gates of all stages are green here. */
  async architectJob(): Promise<{ readonly jobId: number; readonly runId: string }> {
    const { jobId, runId } = await this.runningJob();
    await this.exited(runId, 0, 600);
    await this.ticks();
    const { stream, data } = await this.happens('ApprovalRequested');
    await this.execute(new ApproveTask(stream, { by: 'plane:maria' }, this.contextOf(data.workItem)));
    const queued = await this.happens('JobQueued', (event) => event.data.agent === 'architect');
    assert(queued.data.jobId !== jobId, 'the architect has a job of his own');
    this.artifacts = ['06-adr/ADR-001.md'];
    return { jobId: queued.data.jobId, runId: await this.claim(queued.data.jobId) };
  }

  /** Another job for the same visit and round of the task, as a race could have queued it. */
  async queueAgain(jobId: number): Promise<number> {
    const [queued] = (await this.log.readStream(`job-${jobId}`)) as readonly Fact[];
    assert(queued, `job ${jobId} was queued`);
    const again = { ...queued.data, jobId: jobId + 100_000 };
    await seed(this.log, { stream: `job-${again.jobId}`, type: 'JobQueued', data: again, workItem: again.workItem });
    return again.jobId;
  }

  /** Lets an analyst's job in, as admission does. */
  async release(jobId: number): Promise<void> {
    const about = { jobId, taskId: 1, workItem: 'ET-001', repo: 'enduro-trails' };
    await seed(this.log, { stream: 'admission-enduro-trails', type: 'JobReleased', data: about });
  }

  /** Everything that is in the log by now has been reacted to. */
  async sagasHaveSeenAll(): Promise<void> {
    const head = await this.log.head();
    await until(
      async () => ((await this.checkpoints.load('saga:pipeline', this.log.logId)) ?? 0) >= head,
      'the sagas have seen all',
      20_000,
    );
  }

  /** Claimed by hand; answers with the run. */
  async claim(jobId: number, worker = 'here'): Promise<string> {
    const runId = `run-${jobId}-${(await this.events('JobClaimed')).length}`;
    await this.execute(new ClaimJob(`job-${jobId}`, { runId, worker }, this.contextOf('ET-001')));
    await this.caughtUp();
    return runId;
  }

  async runningJob(): Promise<{ readonly jobId: number; readonly runId: string }> {
    const jobId = await this.queuedJob();
    return { jobId, runId: await this.claim(jobId) };
  }

  /** As a supervisor leaves it: this process for a live one, nobody for a dead one. */
  async process(runId: string, state: 'alive' | 'dead'): Promise<void> {
    assert(OURSELVES, 'this process finds itself');
    const identity = state === 'alive' ? OURSELVES : { ...OURSELVES, startTicks: OURSELVES.startTicks + 1 };
    await this.write(runId, 'proc.json', { runId, fence: 1, supervisor: identity, process: identity });
  }

  async exited(runId: string, exitCode: number, secondsAgo: number): Promise<void> {
    await this.process(runId, 'dead');
    const endedAt = toIso(this.nowMs - secondsAgo * 1000);
    const record = { runId, fence: 1, exitCode, signal: null, stoppedBecause: null, startedAt: endedAt, endedAt };
    await this.write(runId, 'exit.json', record);
    await this.write(runId, 'since.json', { since: 'abc' });
    if (exitCode === 0) await this.write(runId, 'stdout.ndjson', SUCCESS);
  }

  async write(runId: string, name: string, content: object | string): Promise<void> {
    const directory = join(this.folder, runDirectoryOf(runId));
    await mkdir(directory, { recursive: true });
    const text = typeof content === 'string' ? content : `${JSON.stringify(content)}\n`;
    await writeFile(join(directory, name), text);
  }

  /** Looks so many times. */
  async ticks(times = 1): Promise<void> {
    for (let tick = 0; tick < times; tick += 1) {
      await this.reaper.tick();
      await this.caughtUp();
    }
  }

  async status(jobId: number): Promise<string | undefined> {
    await this.caughtUp();
    return (await this.work.job(jobId))?.status;
  }

  async becomes(jobId: number, status: string): Promise<void> {
    await until(async () => (await this.status(jobId)) === status, `job ${jobId} is ${status}`, 20_000);
  }

  async events(...types: readonly string[]): Promise<readonly Fact[]> {
    return this.log.readAll({ types });
  }

  async happens(type: string, matches: (event: Fact) => boolean = () => true): Promise<Fact> {
    let found: Fact | undefined;
    await until(
      async () => {
        found = (await this.events(type)).find(matches);
        return found !== undefined;
      },
      `${type} happens`,
      20_000,
    );
    return found as Fact;
  }

  /** Claims by itself from now on, one job at a time. */
  async startWorker(): Promise<void> {
    await this.caughtUp();
    const hosts = fixedHosts({ name: 'here', slots: 1 });
    const options = { pollIntervalS: 0.05, policy: this.policy, hosts };
    const worker = new Worker(this.world(), options);
    await worker.start();
    this.moving.unshift(worker);
  }

  async execute(command: Command) {
    const decider = DECIDERS.find(({ category }) => command.stream.startsWith(`${category}-`));
    assert(decider, `a decider for ${command.stream}`);
    const aggregates = new Aggregates(this.log, new InMemorySnapshots());
    return new Transact(this.log, aggregates, this.policy).run(decider, command);
  }

  contextOf(correlationId: string) {
    const at = toIso(this.nowMs);
    return { commandId: randomUUID(), at, actor: 'system', correlationId, causationId: null };
  }

  private world() {
    const { log, projector, work, policy, supervisor, stats } = this;
    const commands = { execute: (command: Command) => this.execute(command) } as unknown as CommandBus;
    const clock = { now: () => this.nowMs };
    const looks = new RunLooks(supervisor, this.folder);
    const hosts: Pick<Hosts, 'isSelf' | 'isSilent' | 'evidenceOf'> = {
      isSelf: (name) => name === 'here',
      isSilent: (name) => this.silent.has(name),
      evidenceOf: async ({ worker, runId }) =>
        this.silent.has(worker) ? { process: 'out-of-reach', pid: null, exit: null, host: worker } : looks.at(runId),
    };
    const ports = { hosts, runner: runner(), worktrees: this.worktrees(), forge: FORGE };
    return { log, projector, work, policy, supervisor, stats, commands, clock, ...ports };
  }

  private worktrees(): Worktrees {
    const publish = async (key: { readonly workItem: string }): Promise<Published> => {
      if (this.trouble !== null) throw new GitUnavailable(this.trouble);
      const artifacts = this.artifacts.map((name) => ({
        path: `docs/work-items/${key.workItem}/${name}`,
        digest: 'd',
      }));
      return { head: 'def', codeTree: 'tree', artifacts, changed: true };
    };
    return { publish, fileAt: async () => null } as unknown as Worktrees;
  }

  private async caughtUp(): Promise<void> {
    await this.projector.waitFor(await this.log.head(), 20_000);
  }
}

const FORGE = { openPullRequest: async () => ({ number: 1 }) } as unknown as Forge;

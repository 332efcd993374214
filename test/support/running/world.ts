import { execa } from 'execa';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RecordedEvent } from '../../../src/kernel/event.js';
import { Supervisor } from '../../../src/queue/supervisor/supervisor.js';
import { settingsFor } from '../../../src/sandbox/coordinates.js';
import { personIn } from '../../../src/sandbox/person.js';
import type { SandboxOptions } from '../../../src/sandbox/sandbox.js';
import { BuiltOrchestrator } from '../built/built-orchestrator.js';
import { freePort } from '../built/free-port.mjs';
import { LogReader } from './log-reader.js';
import { SandboxProcess } from './sandbox-process.js';
import { TestLog } from './test-log.js';
import { WorkItem } from './work-item.js';

export type Settings = Readonly<Record<string, string>>;

/** Quick to look again, so that a lost webhook costs a test no minute, and agents that waste no time. */
const BRISK: Settings = { ORCH_RECONCILE_INTERVAL_S: '0.5', ORCH_RECONCILE_GRACE_DEFAULT_S: '0.5' };

const MADE_FROM_ONE_LOG = ['read-models.db', 'checkpoints.db', 'snapshots.db', 'event-places.db'];

/** No tests are run: what is tested is what becomes of the forge's word. `node --test` takes a second of three processes. */
const GREEN_CI = ['true'] as const;

/** A real service in a process of its own, beside a tracker and a forge in another that it reaches over HTTP only. */
export class World {
  service!: BuiltOrchestrator;
  private reader: LogReader | null = null;

  private constructor(
    readonly sandbox: SandboxProcess,
    private place: { readonly folder: string; readonly port: number; readonly log: TestLog },
  ) {}

  static async start(folder: string, env: Settings = {}, options: Partial<SandboxOptions> = {}): Promise<World> {
    const port = await freePort();
    const webhookUrls = { plane: `${at(port)}/webhook/plane`, gitea: `${at(port)}/webhook/gitea` };
    const sandbox = await SandboxProcess.start({ dataDir: folder, webhookUrls, ciCommand: GREEN_CI, ...options });
    await writeFile(join(folder, 'projects.json'), JSON.stringify({ projects: sandbox.coordinates.projects }));
    const world = new World(sandbox, { folder, port, log: await TestLog.for(env) });
    await world.restart();
    return world;
  }

  /** A file, or the address of a store. */
  get logPath(): string {
    return this.place.log.place(this.service.eventLogPath);
  }

  verifyLog(): Promise<{ readonly intact: boolean }> {
    return this.place.log.verify(this.service.eventLogPath);
  }

  get dataDir(): string {
    return join(this.place.folder, 'data');
  }

  /** The service again, after it was killed. */
  async restart(): Promise<void> {
    await this.launch();
    await this.service.ready();
  }

  /** The stopped service again, on another log and without what was made from the old one (docs/operations.md, "Moving"). */
  async continueOn(settings: Settings): Promise<void> {
    await this.reader?.close();
    this.reader = null;
    for (const file of MADE_FROM_ONE_LOG) await rm(join(this.dataDir, file), { force: true });
    this.place = { ...this.place, log: await TestLog.for({ ...this.place.log.settings, ...settings }) };
    await this.restart();
  }

  /** Without waiting until it is ready. */
  async launch(): Promise<void> {
    const { folder, port } = this.place;
    this.service = await BuiltOrchestrator.launch({ folder, port, env: this.settings() });
  }

  /** A second orchestrator for the same tracker and forge, with a folder of its own. */
  async another(folder: string): Promise<BuiltOrchestrator> {
    await writeFile(join(folder, 'projects.json'), JSON.stringify({ projects: this.sandbox.coordinates.projects }));
    return BuiltOrchestrator.start({ folder, env: this.settings() });
  }

  private settings(): Settings {
    const { coordinates } = this.sandbox;
    const agent = `${coordinates.agentCommand} --delay-ms 0`;
    return { ...settingsFor(coordinates), ...BRISK, ORCH_AGENT_COMMAND: agent, ...this.place.log.settings };
  }

  kill(): Promise<void> {
    return this.service.stop('SIGKILL');
  }

  async end(): Promise<void> {
    await this.reader?.close();
    await this.service.stop();
    await endRuns(join(this.dataDir, 'runs'));
    await this.sandbox.close();
    await this.place.log.stop();
  }

  /** A person makes an item and moves it to In Progress, which is where the pipeline begins. */
  async startItem(title: string, description = '', repo = this.sandbox.coordinates.repo): Promise<WorkItem> {
    const { coordinates } = this.sandbox;
    const project = coordinates.projects.find((candidate) => candidate.repo === repo);
    const { itemId, workItem } = await personIn(coordinates, project).createItem(title, description);
    const item = new WorkItem(this, { itemId, name: workItem, project });
    await item.moveTo('In Progress');
    return item;
  }

  async events(): Promise<readonly RecordedEvent[]> {
    this.reader ??= await LogReader.openConfigured(this.service.eventLogPath, this.place.log.settings);
    return this.reader.all();
  }

  /** What the forge's own repository says. */
  async git(...args: readonly string[]): Promise<string> {
    const { bareRepositories, repo } = this.sandbox.coordinates;
    return (await execa('git', ['--git-dir', bareRepositories[repo] ?? '', ...args])).stdout;
  }

  async pullRequests(): Promise<readonly PullRequest[]> {
    const { forgeUrl, owner, repo, tokens } = this.sandbox.coordinates;
    const url = `${forgeUrl}/api/v1/repos/${owner}/${repo}/pulls?state=all&limit=50`;
    const answer = await fetch(url, { headers: { authorization: `token ${tokens.forgePerson}` } });
    return (await answer.json()) as PullRequest[];
  }
}

export interface PullRequest {
  readonly number: number;
  readonly state: string;
  readonly merged: boolean;
  readonly head: { readonly ref: string; readonly sha: string };
}

/** Agents outlive the service; they are not to outlive the test. */
async function endRuns(directory: string): Promise<void> {
  const supervisor = new Supervisor();
  const runs = await readdir(directory).catch(() => []);
  await Promise.all(runs.map((run) => supervisor.stop(join(directory, run), 'the test is over')));
  await Promise.all(runs.map((run) => supervisor.watch(join(directory, run))));
}

function at(port: number): string {
  return `http://127.0.0.1:${port}`;
}

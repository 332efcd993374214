import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RecordedEvent } from '../../../src/kernel/event.js';
import type { ProcessRecord } from '../../../src/queue/supervisor/run-directory.js';
import { leftBehind } from '../../soak/processes.mjs';
import { violationsOf, type Kill } from '../../soak/findings.mjs';
import { killHard } from '../child-process.js';
import { until } from '../until.js';
import { LogReader } from './log-reader.js';

const PROGRAM = fileURLToPath(new URL('../../soak/orchestrator.mjs', import.meta.url));
const AGENT = fileURLToPath(new URL('../../soak/agent.sh', import.meta.url));
const WAIT_MS = 30_000;

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test reads what it expects of an event
export type Fact = RecordedEvent & { readonly data: any };

export interface Start {
  /** The work item that halts there, by the name of the point. */
  readonly haltAt?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** The service without doors, over folders instead of git, tracker and forge; one analyst's job for every task. */
export class BareOrchestrator {
  readonly kills: Kill[] = [];
  private child: ChildProcess | null = null;
  private reader: LogReader | null = null;
  private heard: Record<string, unknown>[] = [];
  private tasks = 0;

  constructor(readonly folder: string) {
    const project = { repo: 'repo', prefix: 'SOAK', planeProjectId: 'project', cloneUrl: '/nowhere' };
    writeFileSync(join(folder, 'projects.json'), JSON.stringify({ projects: [project] }));
  }

  get dataDir(): string {
    return join(this.folder, 'data');
  }

  get logPath(): string {
    return join(this.dataDir, 'events.db');
  }

  get output(): string {
    return readFileSync(join(this.folder, 'service.log'), 'utf8');
  }

  async start(start: Start = {}): Promise<void> {
    this.launch(start);
    await this.says('ready');
  }

  private launch({ haltAt = {}, env = {} }: Start): void {
    const log = openSync(join(this.folder, 'service.log'), 'a');
    const settings = { ...SETTINGS, ORCH_DATA_DIR: this.dataDir, ORCH_AGENT_COMMAND: `${AGENT} ${this.folder} 1` };
    const halt = { HALT_AT: JSON.stringify(haltAt) };
    const host = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '' };
    const child = fork(PROGRAM, [this.folder], {
      env: { ...host, ...settings, ...halt, ...env },
      stdio: ['ignore', log, log, 'ipc'],
    });
    closeSync(log);
    this.heard = [];
    child.on('message', (message) => this.heard.push(message as Record<string, unknown>));
    this.child = child;
  }

  /** The next task; its agent behaves as the behaviour of `agent.sh` that is named. */
  open(behaviour: string): string {
    this.tasks += 1;
    const workItem = `SOAK-00${this.tasks}`;
    this.tell({ open: [{ taskId: this.tasks, workItem, description: `[[${behaviour}]]` }] });
    return workItem;
  }

  cancel(workItem: string): void {
    this.tell({ cancel: { taskId: Number(workItem.slice(-3)), workItem } });
  }

  tell(message: object): void {
    this.child?.send(message);
  }

  /** Waits for a message with the key; answers with its value. */
  async says(key: string): Promise<unknown> {
    const found = (): Record<string, unknown> | undefined => this.heard.find((message) => key in message);
    await until(
      () => {
        if (this.child?.exitCode !== null || this.child.signalCode !== null)
          throw new Error(`The orchestrator has ended: ${this.output.slice(-1000)}`);
        return found() !== undefined;
      },
      `the orchestrator says ${key}`,
      WAIT_MS,
    );
    const message = found() as Record<string, unknown>;
    this.heard.splice(this.heard.indexOf(message), 1);
    return message[key];
  }

  async stats(): Promise<{ readonly lastRunAt: string | null; readonly reapedTotal: number }> {
    this.tell({ stats: true });
    return (await this.says('stats')) as { readonly lastRunAt: string | null; readonly reapedTotal: number };
  }

  /** Waits until the reaper has looked so many times more. */
  async looks(times: number): Promise<void> {
    for (let seen = 0; seen < times; seen += 1) {
      const { lastRunAt } = await this.stats();
      await until(async () => (await this.stats()).lastRunAt !== lastRunAt, 'the reaper looks again', WAIT_MS);
    }
  }

  async kill(): Promise<void> {
    if (this.child) await killHard(this.child);
    this.kills.push({ kind: 'orchestrator', runId: null, at: Date.now() });
  }

  killIn(runId: string, kind: 'agent' | 'supervisor'): void {
    const { supervisor, process: agent } = this.record(runId);
    process.kill((kind === 'agent' ? agent?.pid : supervisor.pid) ?? 0, 'SIGKILL');
    this.kills.push({ kind, runId, at: Date.now() });
  }

  record(runId: string): ProcessRecord {
    return JSON.parse(readFileSync(this.recordPath(runId), 'utf8')) as ProcessRecord;
  }

  recordPath(runId: string): string {
    return join(this.dataDir, 'runs', runId, 'proc.json');
  }

  /** Lets the agents that wait do their work. */
  letGo(): void {
    writeFileSync(join(this.folder, 'go'), '');
  }

  async events(...types: readonly string[]): Promise<readonly Fact[]> {
    await until(() => existsSync(this.logPath), 'the log is there', WAIT_MS);
    this.reader ??= await LogReader.open(this.logPath);
    const all = (await this.reader.all()) as readonly Fact[];
    return types.length === 0 ? all : all.filter(({ type }) => types.includes(type));
  }

  /** Waits for so many events of the type that belong to the work item; answers with the last. */
  async happens(type: string, workItem: string, times = 1): Promise<Fact> {
    let found: readonly Fact[] = [];
    await until(
      async () => {
        found = (await this.events(type)).filter(({ metadata }) => metadata.$correlationId === workItem);
        return found.length >= times;
      },
      `${type} of ${workItem}`,
      WAIT_MS,
    );
    return found[times - 1] as Fact;
  }

  /** What the laws say of everything that happened so far. */
  async violations(): Promise<readonly string[]> {
    const events = await this.events();
    return violationsOf(events, { service: this, kills: this.kills, jobs: this.tasks });
  }

  async end(): Promise<readonly string[]> {
    const events = existsSync(this.logPath) ? await this.events() : [];
    this.letGo();
    if (this.child && this.child.exitCode === null && this.child.signalCode === null) {
      const gone = once(this.child, 'exit');
      this.child.kill('SIGTERM');
      await gone;
    }
    await this.reader?.close();
    return leftBehind(this.folder, events);
  }
}

const SETTINGS = {
  ORCH_AGENT_SANDBOX: 'none',
  ORCH_SERIAL_GATE_ENABLED: 'false',
  ORCH_MAX_CONCURRENCY: '8',
  ORCH_JOB_MAX_ATTEMPTS: '3',
  ORCH_AGENT_TIMEOUT_S: '60',
  ORCH_AGENT_SILENCE_S: '60',
  ORCH_AGENT_KILL_GRACE_S: '1',
  ORCH_REAPER_INTERVAL_S: '0.2',
  ORCH_LOG_FORMAT: 'json',
};

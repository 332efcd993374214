import { fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openSqliteEventLog } from '../../dist/event-log/sqlite/sqlite-event-log.js';

const PROGRAM = fileURLToPath(new URL('./orchestrator.mjs', import.meta.url));
const AGENT = fileURLToPath(new URL('./agent.sh', import.meta.url));
const ENDS = ['JobSucceeded', 'JobFailed', 'JobCancelled'];
const STALLED_MS = 120_000;

/** The orchestrator under test, killed and started again as often as somebody likes, and what its log says. */
export class RestartedOrchestrator {
  constructor(folder, seed) {
    this.folder = folder;
    this.seed = seed;
    this.tasks = [];
    this.starts = [];
    writeFileSync(join(folder, 'projects.json'), JSON.stringify({ projects: [PROJECT] }));
  }

  get dataDir() {
    return join(this.folder, 'data');
  }

  get logPath() {
    return join(this.dataDir, 'events.db');
  }

  /** Tells a new one of every task again: the one before may not have heard of all of them. */
  async start() {
    const log = openSync(join(this.folder, 'service.log'), 'a');
    const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...this.settings() };
    const child = fork(PROGRAM, [this.folder], { env, stdio: ['ignore', log, log, 'ipc'] });
    closeSync(log);
    child.on('error', () => undefined);
    this.child = child;
    const [answer] = await Promise.race([once(child, 'message'), once(child, 'exit')]);
    if (!answer?.ready) throw new Error(`The orchestrator did not start: ${this.output().slice(-2000)}`);
    this.starts.push(Date.now());
    this.tell({ open: this.tasks });
  }

  async open(count) {
    this.tasks = Array.from({ length: count }, (_, index) => taskOf(index + 1));
    this.tell({ open: this.tasks });
  }

  /** The one at this share of all tasks. */
  cancelOne(share) {
    this.tell({ cancel: this.tasks[Math.floor(share * this.tasks.length)] });
  }

  async kill() {
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await gone;
  }

  /** Answers with what its reaper counted. */
  async stop() {
    const asked = once(this.child, 'message');
    this.tell({ stats: true });
    const [{ stats }] = await asked;
    const gone = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await gone;
    return stats;
  }

  /** Waits until every task has had its job and every job has ended; gives up when nothing happens any more. */
  async untilAllEnded(count) {
    const log = await this.openLog();
    const events = [];
    let changedAt = performance.now();
    while (!isOver(events, count)) {
      const more = await log.readAll({ after: events.at(-1)?.position ?? 0 });
      if (more.length > 0) changedAt = performance.now();
      events.push(...more);
      if (performance.now() - changedAt > STALLED_MS) throw new Error(`Nothing happens any more: ${story(events)}`);
      if (more.length === 0) await pause(100);
    }
    await pause(500);
    events.push(...(await log.readAll({ after: events.at(-1).position })));
    await log.close();
    return events;
  }

  async openLog() {
    while (!existsSync(this.logPath)) await pause(20);
    return openSqliteEventLog({ path: this.logPath, clock: { now: () => Date.now() }, readOnly: true });
  }

  output() {
    return readFileSync(join(this.folder, 'service.log'), 'utf8');
  }

  /** Whoever is being killed hears no more. */
  tell(message) {
    this.child.send(message, () => undefined);
  }

  settings() {
    return { ...SETTINGS, ORCH_DATA_DIR: this.dataDir, ORCH_AGENT_COMMAND: `${AGENT} ${this.folder} ${this.seed}` };
  }
}

const PROJECT = { repo: 'repo', prefix: 'SOAK', planeProjectId: 'project', cloneUrl: '/nowhere' };

const SETTINGS = {
  ORCH_AGENT_SANDBOX: 'none',
  ORCH_SERIAL_GATE_ENABLED: 'false',
  ORCH_MAX_CONCURRENCY: '6',
  ORCH_POLL_INTERVAL_S: '1',
  ORCH_JOB_MAX_ATTEMPTS: '4',
  ORCH_JOB_BACKOFF_BASE_S: '0.2',
  ORCH_BREAKER_PROBE_S: '0.2',
  ORCH_AGENT_TIMEOUT_S: '5',
  ORCH_AGENT_SILENCE_S: '3',
  ORCH_AGENT_KILL_GRACE_S: '1',
  ORCH_AGENT_LINGER_S: '1',
  ORCH_REAPER_INTERVAL_S: '2',
  ORCH_REAPER_FINALIZE_GRACE_S: '5',
  ORCH_REAPER_MAX_RUNNING_S: '15',
  ORCH_LOG_FORMAT: 'json',
};

function taskOf(number) {
  return { taskId: number, workItem: `SOAK-${String(number).padStart(3, '0')}`, description: '' };
}

function isOver(events, count) {
  const streams = (types) => new Set(events.filter(({ type }) => types.includes(type)).map(({ stream }) => stream));
  const queued = streams(['JobQueued']);
  const ended = streams(ENDS);
  return queued.size === count && ended.size === count;
}

function story(events) {
  return events.slice(-20).map(({ type, stream }) => `${type} ${stream}`);
}

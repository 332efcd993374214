import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, sep } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { DirectoryChanges } from './directory-changes.js';
import { type ProcessIdentity, isAlive } from './process-identity.js';
import type { ExitRecord, ProcessSpec } from './process-spec.js';
import { type Beat, type ProcessRecord, RunDirectory } from './run-directory.js';
import { stopStranger, sweep } from './run-processes.js';

export type Inspection =
  /** Nothing was started here. */
  | { readonly state: 'absent' }
  | { readonly state: 'starting' }
  /** `supervised: false`: its supervisor died and nobody will write its exit record. */
  | { readonly state: 'running'; readonly identity: ProcessIdentity; readonly supervised: boolean }
  | { readonly state: 'ended'; readonly identity: ProcessIdentity | null; readonly exit: ExitRecord }
  /** Started, gone, and no record of how it ended. */
  | { readonly state: 'lost'; readonly identity: ProcessIdentity | null };

export class RunNotStarted extends Error {
  constructor(runDirectory: string, why: string) {
    super(`The run in ${runDirectory} did not start: ${why}`);
    this.name = 'RunNotStarted';
  }
}

const START_WITHIN_MS = 20_000;
const LOOK_AGAIN_MS = 15;
const LIVENESS_MS = 1_000;
const SWEEP_GRACE_MS = 1_000;
/** All that a supervisor inherits: it lives beside an agent that can read its environment. */
const INHERITED = ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR', 'ORCH_RUN_ID'];

/** The orchestrator's side of the supervisors. It keeps nothing in memory: what a run is, its directory says. */
export class Supervisor {
  /** Starts the process unless the directory says that it was started; answers with its identity either way. */
  async start(runDirectory: string, spec: ProcessSpec, fence: number): Promise<ProcessIdentity> {
    const run = new RunDirectory(runDirectory);
    await run.create();
    if ((await run.process()) === null) {
      if ((await run.stopRequest()) !== null)
        throw new RunNotStarted(runDirectory, 'it was to be stopped before it began');
      const runId = spec.env['ORCH_RUN_ID'] ?? basename(runDirectory);
      await run.writeSpec({ ...spec, runId, fence });
      launch(run);
    }
    return identityOnceStarted(run);
  }

  /**
   * For a run that was described and of which no supervisor is to be seen: one may be on its way, and what was prepared for the
   * process must not be touched again. False when nothing was described.
   */
  async startAgain(runDirectory: string): Promise<boolean> {
    const run = new RunDirectory(runDirectory);
    if ((await run.spec()) === null) return false;
    if ((await run.process()) === null) launch(run);
    await identityOnceStarted(run);
    return true;
  }

  async inspect(runDirectory: string): Promise<Inspection> {
    const run = new RunDirectory(runDirectory);
    const record = await run.process();
    if (record === null) return { state: 'absent' };
    const isSupervised = isAlive(record.supervisor) !== 'dead';
    // Read after the look at the supervisor: it writes the exit record before it goes.
    const exit = await run.exit();
    if (exit !== null) return { state: 'ended', identity: record.process, exit };
    return withoutExit(record, isSupervised);
  }

  /**
   * Asks the supervisor to end the run; where there is none any more, ends the run itself. The request stays: a supervisor that
   * comes later starts nothing.
   */
  async stop(runDirectory: string, because: string): Promise<void> {
    const run = new RunDirectory(runDirectory);
    if ((await this.inspect(runDirectory)).state === 'ended') return;
    await run.create();
    await run.requestStop(because);
    const found = await this.inspect(runDirectory);
    if (isUnsupervised(found)) await endUnsupervised(run, found.identity);
  }

  /**
   * Until the run has ended, however long ago it was started and by whom. A run whose supervisor died cannot end well any
   * more (its exit code has no reader): it is ended, and lost once nothing of it is left.
   */
  async watch(runDirectory: string, signal?: AbortSignal): Promise<ExitRecord | 'lost'> {
    const changes = new DirectoryChanges(runDirectory);
    try {
      for (;;) {
        const found = await this.inspect(runDirectory);
        if (found.state === 'ended') return found.exit;
        if (found.state === 'absent') return 'lost';
        if (isUnsupervised(found) && (await endUnsupervised(new RunDirectory(runDirectory), found.identity)))
          return 'lost';
        await changes.next(LIVENESS_MS, signal);
      }
    } finally {
      changes.close();
    }
  }

  /** Null before the first beat. */
  progress(runDirectory: string): Promise<Beat | null> {
    return new RunDirectory(runDirectory).lastBeat();
  }
}

function withoutExit(record: ProcessRecord, isSupervised: boolean): Inspection {
  const identity = record.process;
  if (isSupervised && identity === null) return { state: 'starting' };
  if (identity !== null && (isSupervised || isAlive(identity) !== 'dead')) {
    return { state: 'running', identity, supervised: isSupervised };
  }
  return { state: 'lost', identity };
}

function isUnsupervised(found: Inspection): found is Extract<Inspection, { state: 'running' | 'lost' }> {
  return found.state === 'lost' || (found.state === 'running' && !found.supervised);
}

/**
 * Only a process that is certainly the run's is signalled; whoever carries the run's tag is one in any case. True when nothing of
 * the run is left.
 */
async function endUnsupervised(run: RunDirectory, identity: ProcessIdentity | null): Promise<boolean> {
  const [record, spec] = [await run.process(), await run.spec()];
  if (identity !== null && isAlive(identity) === 'alive')
    await stopStranger(identity.pid, identity.startTicks, spec?.killGraceMs ?? SWEEP_GRACE_MS);
  const survivors = record === null ? [] : await sweep(record.runId, null, SWEEP_GRACE_MS);
  return survivors.length === 0 && (identity === null || isAlive(identity) === 'dead');
}

function launch(run: RunDirectory): void {
  const log = openSync(run.supervisorLog, 'a', 0o600);
  const inherited = INHERITED.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
  const supervisor = spawn(process.execPath, [supervisorProgram(), run.path], {
    cwd: run.path,
    detached: true,
    stdio: ['ignore', 'ignore', log],
    env: Object.fromEntries(inherited) as Record<string, string>,
  });
  closeSync(log);
  supervisor.once('error', () => undefined); // Nobody claims the run then, and the wait for that says so.
  supervisor.unref();
}

async function identityOnceStarted(run: RunDirectory): Promise<ProcessIdentity> {
  const deadline = performance.now() + START_WITHIN_MS;
  while (performance.now() < deadline) {
    const record = await run.process();
    const identity = record === null ? null : await startedAs(run, record);
    if (identity !== null) return identity;
    await pause(LOOK_AGAIN_MS);
  }
  throw await notStarted(run, `no supervisor within ${START_WITHIN_MS} ms`);
}

/** Null while it is starting. Of a command that could not be run the exit record says why, and whoever watches reads it. */
async function startedAs(run: RunDirectory, record: ProcessRecord): Promise<ProcessIdentity | null> {
  if (record.calledOff !== undefined) throw await notStarted(run, record.calledOff);
  if (record.process !== null) return record.process;
  const isSupervised = isAlive(record.supervisor) !== 'dead';
  const exit = await run.exit();
  if (isSupervised && exit === null) return null;
  const latest = await run.process();
  if (latest?.process) return latest.process;
  if (exit !== null) return record.supervisor;
  throw await notStarted(run, 'its supervisor died');
}

async function notStarted(run: RunDirectory, why: string): Promise<RunNotStarted> {
  const log = await readFile(run.supervisorLog, 'utf8').catch(() => '');
  return new RunNotStarted(run.path, [why, log.trim().slice(-500)].filter(Boolean).join('; '));
}

/** The program is run as compiled, also where this file is run from its source. */
function supervisorProgram(): string {
  const beside = fileURLToPath(new URL('./supervisor-process.js', import.meta.url));
  return existsSync(beside) ? beside : beside.replace(`${sep}src${sep}queue${sep}`, `${sep}dist${sep}queue${sep}`);
}

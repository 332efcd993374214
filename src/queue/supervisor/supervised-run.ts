import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { toIso } from '../../kernel/time.js';
import { OutputWatch } from './output-watch.js';
import { identify } from './process-identity.js';
import type { StopReason, SupervisedSpec } from './process-spec.js';
import type { ProcessRecord, RunDirectory } from './run-directory.js';
import { overdue } from './run-clocks.js';
import { climbStopLadder, sweep } from './run-processes.js';

interface Ending {
  readonly exitCode: number | null;
  readonly signal: string | null;
}

const TICK_MS = 200;
const BEAT_MS = 1_000;
const SWEEP_GRACE_MS = 1_000;
const PERSIST_TRIES = 60;
const PERSIST_AGAIN_MS = 2_000;
/** What a shell answers for a command that it cannot run. */
const CANNOT_RUN = 127;

/** One run from the start of its process to its exit record, in a process of its own that outlives the orchestrator. */
export class SupervisedRun {
  private readonly startedAt = toIso(Date.now());
  private readonly begun = performance.now();
  private readonly output: OutputWatch;
  private ending: Ending | null = null;
  private askedByWord: string | null = null;
  private askedBySignal = false;
  private lastBeat = 0;

  constructor(
    private readonly run: RunDirectory,
    private readonly spec: SupervisedSpec,
    private readonly claimed: ProcessRecord,
  ) {
    this.output = new OutputWatch(run, () => performance.now(), spec.forbidden);
  }

  stop(): void {
    this.askedBySignal = true;
  }

  /** Should we fail ourselves, the process does not go on without anybody: it is ended, and the run is lost, not astray. */
  async untilEnded(): Promise<void> {
    // Asked after the claim: whoever stops a run asks first and looks for a claim then, so one of the two sees the other.
    this.askedByWord = await this.run.stopRequest();
    if (this.askedByWord !== null) return this.recordExit('stopped', []);
    const child = this.start();
    const leader = child.pid ?? null;
    try {
      if (leader !== null) await persist(() => this.run.recordProcess({ ...this.claimed, process: identify(leader) }));
      const because = await this.untilEndedOrOverdue(child);
      if (because !== null && leader !== null) await this.end(leader);
      const survivors = await sweep(this.spec.runId, leader, SWEEP_GRACE_MS);
      await this.record(because, survivors);
    } catch (error) {
      await sweep(this.spec.runId, this.ending === null ? leader : null, SWEEP_GRACE_MS);
      throw error;
    }
  }

  private async record(stoppedBecause: StopReason | null, survivors: readonly number[]): Promise<void> {
    await this.output.look();
    await this.output.close();
    await this.beat();
    await this.recordExit(stoppedBecause, survivors);
  }

  private async recordExit(stoppedBecause: StopReason | null, survivors: readonly number[]): Promise<void> {
    const { runId, fence } = this.spec;
    const ending = this.ending ?? { exitCode: null, signal: null };
    const stopRequest = this.askedByWord;
    const times = { startedAt: this.startedAt, endedAt: toIso(Date.now()) };
    await persist(() =>
      this.run.recordExit({ runId, fence, ...ending, stoppedBecause, stopRequest, survivors, ...times }),
    );
  }

  /** Output goes to files and not through us: should we die, the process neither blocks nor loses what it has to say. */
  private start(): ChildProcess {
    const { command, args, cwd, env, runId } = this.spec;
    const stdout = openSync(this.run.stdout, 'a', 0o600);
    const stderr = openSync(this.run.stderr, 'a', 0o600);
    const child = spawn(command, args, {
      cwd,
      env: { ...env, ORCH_RUN_ID: runId },
      detached: true,
      stdio: ['ignore', stdout, stderr],
    });
    closeSync(stdout);
    closeSync(stderr);
    child.once('exit', (exitCode, signal) => (this.ending = { exitCode, signal }));
    child.once('error', (error) => void this.couldNotStart(error));
    return child;
  }

  private async couldNotStart(error: Error): Promise<void> {
    const { command, cwd } = this.spec;
    await appendFile(this.run.stderr, `${command} cannot be started in ${cwd}: ${error.message}\n`);
    this.ending ??= { exitCode: CANNOT_RUN, signal: null };
  }

  private async untilEndedOrOverdue(child: ChildProcess): Promise<StopReason | null> {
    const exited = new Promise((resolve) => child.once('exit', resolve));
    while (this.ending === null) {
      await Promise.race([exited, pause(TICK_MS)]);
      await this.output.look();
      if (this.isBeatDue()) await this.beat();
      const because = this.ending === null ? await this.reasonToStop() : null;
      if (because !== null) return because;
    }
    return null;
  }

  private async reasonToStop(): Promise<StopReason | null> {
    this.askedByWord = await this.run.stopRequest();
    if (this.askedByWord !== null || this.askedBySignal) return 'stopped';
    if (this.output.isForbidden) return 'forbidden';
    if (this.output.isOverLimit) return 'output-limit';
    const now = performance.now();
    const { lastOutputAt, resultAt } = this.output;
    return overdue(this.spec, {
      sinceStartMs: now - this.begun,
      sinceOutputMs: now - lastOutputAt,
      sinceResultMs: resultAt === null ? null : now - resultAt,
    });
  }

  /** The beat goes on while the ladder is climbed: a supervisor that is killing is not a dead one. */
  private async end(leader: number): Promise<void> {
    const beating = setInterval(() => void this.beat(), BEAT_MS);
    await climbStopLadder(leader, this.spec.killGraceMs, () => this.ending !== null);
    clearInterval(beating);
  }

  private isBeatDue(): boolean {
    return performance.now() - this.lastBeat >= BEAT_MS;
  }

  private async beat(): Promise<void> {
    this.lastBeat = performance.now();
    const { bytes, lines, resultAt } = this.output;
    // A full disk must not end the supervision; a beat that fails is a beat that is missing.
    await this.run.beat({ at: toIso(Date.now()), bytes, lines, resultSeen: resultAt !== null }).catch(() => undefined);
  }
}

/** What cannot be written now (a full disk) may be written soon; without the record the whole run would count as lost. */
async function persist(write: () => Promise<void>): Promise<void> {
  for (let tries = 1; tries < PERSIST_TRIES; tries += 1) {
    try {
      return await write();
    } catch {
      await pause(PERSIST_AGAIN_MS);
    }
  }
  return write();
}

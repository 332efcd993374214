import { mkdir, readFile, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ProcessSpec } from '../../integrations/agent-runner.js';
import { assert } from '../../kernel/assert.js';
import type { Clock } from '../../kernel/clock.js';
import { identify } from '../../queue/supervisor/process-identity.js';
import { RunDirectory } from '../../queue/supervisor/run-directory.js';
import { RunNotStarted, type Supervisor } from '../../queue/supervisor/supervisor.js';
import { plainEnvironment } from '../task/project-commands.js';
import type { HookEnd, HookHost, HookRun, HookStart } from './hook.js';

const KILL_GRACE_MS = 10_000;
const LOOK_AGAIN_MS = 1_000;

export interface LocalWorld {
  readonly supervisor: Supervisor;
  readonly clock: Clock;
  readonly host: string;
}

/**
 * Hooks on this host, each under a supervisor that outlives us. Orchestrators that share a host find each other's attempts in the folder that was
 * claimed; what another host was about to start may be running there, and is never started here.
 */
export class LocalHooks implements HookHost {
  constructor(private readonly world: LocalWorld) {}

  async find(run: HookRun): Promise<HookStart | null> {
    if (await this.isElsewhere(run)) return { kind: 'begun', identity: null };
    const record = await setLeftOverAside(run);
    if (record?.calledOff !== undefined) return { kind: 'not-started', reason: record.calledOff };
    const found = await this.world.supervisor.inspect(run.directory);
    if (found.state === 'absent') return null;
    return { kind: 'begun', identity: found.state === 'starting' ? null : found.identity };
  }

  /** What an orchestrator described that died at that: its supervisor may be on its way, in the checkout that is there. */
  async begin(run: HookRun): Promise<HookStart> {
    const { supervisor } = this.world;
    try {
      if (await supervisor.startAgain(run.directory)) return this.begun(run);
      const cwd = await run.checkout();
      await mkdir(run.directory, { recursive: true, mode: 0o700 });
      await supervisor.start(run.directory, specOf(run, cwd), run.deployId);
      return await this.begun(run);
    } catch (error) {
      if (!(error instanceof RunNotStarted)) throw error;
      // Whoever has not come up in time may still do so: only a claim that is taken from here says that nothing will begin.
      return this.callOff(run, error.message);
    }
  }

  /** The claim of the run is taken, so that whoever is on its way finds it taken and goes. */
  async callOff(run: HookRun, reason: string): Promise<HookStart> {
    const directory = new RunDirectory(run.directory);
    const ourselves = identify(process.pid);
    assert(ourselves !== null, 'a process finds itself in /proc');
    await directory.create();
    const claim = { runId: run.key, fence: run.deployId, supervisor: ourselves, process: null, calledOff: reason };
    await directory.claim(claim);
    return this.begun(run);
  }

  async end(run: HookRun, signal: AbortSignal): Promise<HookEnd> {
    if (await this.isElsewhere(run)) return this.givenUp(run, signal);
    const exit = await this.world.supervisor.watch(run.directory, signal);
    const output = await readFile(new RunDirectory(run.directory).stdout, 'utf8').catch(() => '');
    if (exit === 'lost') {
      const stoppedBecause = 'the hook is gone and left no exit record; a person must look';
      return { exitCode: null, stoppedBecause, endedAt: null, output };
    }
    const { exitCode, stoppedBecause, endedAt } = exit;
    return { exitCode, stoppedBecause: stoppedBecause && `${stoppedBecause}; a person must look`, endedAt, output };
  }

  private async begun(run: HookRun): Promise<HookStart> {
    const found = await this.find(run);
    assert(found !== null, `somebody has claimed ${run.key}`);
    return found;
  }

  private async isElsewhere({ claim, directory }: HookRun): Promise<boolean> {
    if (claim === null || claim.isOurs) return false;
    const dataFolder = dirname(dirname(directory));
    return claim.host !== this.world.host || !(await isThere(dataFolder));
  }

  /** Only that host could tell, and it will not: as long as the hook may run, nothing is said about it. */
  private async givenUp({ claim, since, timeoutMs }: HookRun, signal: AbortSignal): Promise<HookEnd> {
    while (this.world.clock.now() - since < timeoutMs) await delay(LOOK_AGAIN_MS, undefined, { signal });
    const where = `${claim?.host ?? 'another host'}, whose orchestrator no longer leads`;
    const stoppedBecause = `it was begun on ${where}, and nobody knows how it ended; a person must look`;
    return { exitCode: null, stoppedBecause, endedAt: null, output: '' };
  }
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** The folder may hold a run of another log with the same number, begun or only described: it is never taken for ours (AMB-53). */
async function setLeftOverAside({ directory, key }: HookRun) {
  const run = new RunDirectory(directory);
  const record = await run.process();
  const owner = record ?? (await run.spec());
  if (owner === null || owner.runId === key) return record;
  await rename(directory, `${directory}.${owner.runId}`);
  return null;
}

function specOf({ command, env, key, timeoutMs }: HookRun, cwd: string): ProcessSpec {
  const clocks = { timeoutMs, silenceMs: timeoutMs, killGraceMs: KILL_GRACE_MS, lingerMs: 0 };
  // Whoever carries the tag of a run is ended with it, and another orchestrator on this host may have the same number.
  const tagged = { ...plainEnvironment(), ...env, ORCH_RUN_ID: key };
  return { command: '/bin/sh', args: ['-c', command], cwd, env: tagged, ...clocks };
}

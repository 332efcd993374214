import { mkdir, rename } from 'node:fs/promises';
import type { ProcessSpec } from '../../integrations/agent-runner.js';
import { RunDirectory } from '../../queue/supervisor/run-directory.js';
import { identify } from '../../queue/supervisor/process-identity.js';
import { RunNotStarted, type Supervisor } from '../../queue/supervisor/supervisor.js';
import { plainEnvironment } from '../task/project-commands.js';
import type { HookEnd, HookHost, HookRun, HookStart } from './hook.js';

const KILL_GRACE_MS = 10_000;
const NEVER_BEGUN: HookStart = { kind: 'not-started', reason: 'no supervisor has taken the run' };

/** Hooks on this host, each under a supervisor that outlives us. */
export class LocalHooks implements HookHost {
  constructor(private readonly supervisor: Supervisor) {}

  async find(run: HookRun): Promise<HookStart | null> {
    await setLeftOverAside(run);
    const found = await this.supervisor.inspect(run.directory);
    if (found.state === 'absent') return null;
    return { kind: 'begun', identity: found.state === 'starting' ? null : found.identity };
  }

  /** What an orchestrator described that died at that: its supervisor may be on its way, in the checkout that is there. */
  async begin(run: HookRun): Promise<HookStart> {
    try {
      if (await this.supervisor.startAgain(run.directory)) return (await this.find(run)) ?? NEVER_BEGUN;
      const cwd = await run.checkout();
      await mkdir(run.directory, { recursive: true, mode: 0o700 });
      const identity = await this.supervisor.start(run.directory, specOf(run, cwd), run.deployId);
      return { kind: 'begun', identity };
    } catch (error) {
      if (error instanceof RunNotStarted) return { kind: 'not-started', reason: error.message };
      throw error;
    }
  }

  /** The claim of the run is taken, so that a supervisor that is on its way finds it taken and goes. */
  async callOff(run: HookRun, reason: string): Promise<HookStart> {
    const directory = new RunDirectory(run.directory);
    const ourselves = identify(process.pid);
    const notStarted = { kind: 'not-started', reason } as const;
    if (ourselves === null || (await directory.spec()) === null) return notStarted;
    const claim = { runId: run.key, fence: run.deployId, supervisor: ourselves, process: null };
    return (await directory.claim(claim)) ? notStarted : ((await this.find(run)) ?? notStarted);
  }

  async end(run: HookRun, signal: AbortSignal): Promise<HookEnd> {
    const exit = await this.supervisor.watch(run.directory, signal);
    if (exit === 'lost') {
      return {
        exitCode: null,
        stoppedBecause: 'the hook is gone and left no exit record; a person must look',
        endedAt: null,
      };
    }
    const { exitCode, stoppedBecause, endedAt } = exit;
    return { exitCode, stoppedBecause: stoppedBecause && `${stoppedBecause}; a person must look`, endedAt };
  }
}

/** The folder may hold a run of another log with the same number, begun or only described: it is never taken for ours (AMB-53). */
async function setLeftOverAside({ directory, key }: HookRun): Promise<void> {
  const run = new RunDirectory(directory);
  const owner = (await run.process()) ?? (await run.spec());
  if (owner !== null && owner.runId !== key) await rename(directory, `${directory}.${owner.runId}`);
}

function specOf({ command, env, key, timeoutMs }: HookRun, cwd: string): ProcessSpec {
  const clocks = { timeoutMs, silenceMs: timeoutMs, killGraceMs: KILL_GRACE_MS, lingerMs: 0 };
  // Whoever carries the tag of a run is ended with it, and another orchestrator on this host may have the same number.
  const tagged = { ...plainEnvironment(), ...env, ORCH_RUN_ID: key };
  return { command: '/bin/sh', args: ['-c', command], cwd, env: tagged, ...clocks };
}

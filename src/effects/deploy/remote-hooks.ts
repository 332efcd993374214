import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../kernel/clock.js';
import { RunDirectory } from '../../queue/supervisor/run-directory.js';
import { plainEnvironment } from '../task/project-commands.js';
import type { HookEnd, HookHost, HookIdentity, HookRun, HookStart } from './hook.js';
import { abandonScript, startScript, statusScript, stopScript } from './remote-script.js';

export interface RemoteWorld {
  readonly clock: Clock;
  /** `user@host`. */
  readonly target: string;
  readonly pollMs: number;
  /** How long a host that cannot be reached is asked before the attempt counts as not started. */
  readonly startPatienceMs?: number;
}

/** `unreachable`: the connection failed or broke. That says nothing about the hook. */
type Said =
  | { readonly kind: 'unreachable'; readonly reason: string }
  | { readonly kind: 'said'; readonly word: string; readonly rest: string; readonly output: string };

const OPTIONS = ['-o', 'BatchMode=yes', '-o', 'ConnectTimeout=10', '-o', 'ServerAliveInterval=5'];
const START_PATIENCE_MS = 60_000;
const CALL_MS_MAX = 120_000;

/** Hooks on another host, through ssh. A connection that is lost is not a verdict: the host is asked again what became of the attempt. */
export class RemoteHooks implements HookHost {
  constructor(private readonly world: RemoteWorld) {}

  /** What may have been sent, by us or by whoever led before us, may be running: only the host can say that it is not. */
  async find(run: HookRun): Promise<HookStart | null> {
    if (!(await mayHaveBeenSent(run))) return null;
    const said = await this.ask(statusScript(run.key));
    return wordOf(said) === 'absent' ? null : this.begun(said);
  }

  /** What was never sent cannot begin; what may have been sent finds its claim taken. */
  async callOff(run: HookRun, reason: string): Promise<HookStart> {
    return (await mayHaveBeenSent(run)) ? this.abandoned(run, reason) : { kind: 'not-started', reason };
  }

  async begin(run: HookRun, signal: AbortSignal): Promise<HookStart> {
    const until = this.world.clock.now() + (this.world.startPatienceMs ?? START_PATIENCE_MS);
    for (;;) {
      signal.throwIfAborted();
      const started = await this.tryToBegin(run);
      if (started.kind === 'said') return this.begun(started);
      const isOver = this.world.clock.now() >= until;
      if (isOver)
        return (await mayHaveBeenSent(run)) ? this.begun(null) : { kind: 'not-started', reason: started.reason };
      if (started.kind === 'refused') return this.abandoned(run, started.reason);
      await delay(this.world.pollMs, undefined, { signal });
    }
  }

  async end(run: HookRun, signal: AbortSignal): Promise<HookEnd> {
    for (;;) {
      signal.throwIfAborted();
      const said = await this.ask(statusScript(run.key));
      const end = await this.endOf(said, run, signal);
      if (end !== null) return end;
      await delay(this.world.pollMs, undefined, { signal });
    }
  }

  private async tryToBegin(run: HookRun): Promise<Said | { readonly kind: 'refused'; readonly reason: string }> {
    const before = await this.ask(statusScript(run.key));
    if (before.kind === 'unreachable' || before.word !== 'absent') return before;
    const archive = await archived(run);
    await markSent(run);
    const said = await this.ask(startScript(run), archive);
    return said.kind === 'said' && said.word !== 'started' ? { kind: 'refused', reason: said.rest } : said;
  }

  /** Makes sure that it will not begin after all; where it has begun meanwhile, it has. */
  private async abandoned(run: HookRun, reason: string): Promise<HookStart> {
    const said = await this.ask(abandonScript(run.key));
    return this.begun(said, reason);
  }

  private begun(said: Said | null, reason = 'it was called off'): HookStart {
    if (wordOf(said) === 'abandoned') return { kind: 'not-started', reason };
    return { kind: 'begun', identity: this.identityIn(said) };
  }

  private identityIn(said: Said | null): HookIdentity | null {
    if (said?.kind !== 'said' || (said.word !== 'started' && said.word !== 'running')) return null;
    const pid = Number.parseInt(said.rest, 10);
    return Number.isNaN(pid) ? null : { pid, startTicks: 0, bootId: `ssh:${this.world.target}` };
  }

  private async endOf(said: Said, run: HookRun, signal: AbortSignal): Promise<HookEnd | null> {
    const word = wordOf(said);
    if (said.kind === 'said' && word === 'ended') return ended(said, run);
    if (word === 'lost') return unknown('the hook is gone and left no result; a person must look');
    if (word === 'absent' || word === 'abandoned') return this.neverBegun(run);
    if (this.world.clock.now() - run.since < run.timeoutMs || signal.aborted) return null;
    return this.givenUp(said, run);
  }

  /** Nothing of it has arrived, and nothing that is still on its way will begin. Null: it has begun after all. */
  private async neverBegun(run: HookRun): Promise<HookEnd | null> {
    const said = await this.ask(abandonScript(run.key));
    return wordOf(said) === 'abandoned' ? unknown('the hook never began there; a person must look') : null;
  }

  private async givenUp(said: Said, run: HookRun): Promise<HookEnd> {
    const limit = `${run.timeoutMs / 1000} s`;
    if (said.kind === 'unreachable') {
      return unknown(`${said.reason}, for ${limit}: nobody knows what became of the hook; a person must look`);
    }
    await this.ask(stopScript(run.key));
    const last = await this.ask(statusScript(run.key));
    const output = last.kind === 'said' && last.word === 'ended' ? await kept(last.output, run) : '';
    return unknown(`the hook did not end within ${limit} and was stopped; a person must look`, output);
  }

  private async ask(script: string, inputFile?: string): Promise<Said> {
    const input = inputFile === undefined ? { stdin: 'ignore' as const } : { inputFile };
    const options = { env: sshEnvironment(), extendEnv: false, reject: false, timeout: CALL_MS_MAX, ...input } as const;
    const { execa } = await import('execa');
    const run = await execa('ssh', [...OPTIONS, this.world.target, script], options);
    const said = run.exitCode === 0 ? /^(\w\S*) ?(.*)\n?([^]*)$/.exec(run.stdout) : null;
    if (said) return { kind: 'said', word: said[1] ?? '', rest: said[2] ?? '', output: said[3] ?? '' };
    const why = run.stderr.trim().split('\n').at(-1) || 'no answer';
    return { kind: 'unreachable', reason: `${this.world.target} cannot be reached: ${why}` };
  }
}

/** Null: the host was not reached. */
function wordOf(said: Said | null): string | null {
  return said?.kind === 'said' ? said.word : null;
}

/** The agent that holds the key is needed; nothing else of ours is. */
function sshEnvironment(): Readonly<Record<string, string>> {
  const agent = process.env['SSH_AUTH_SOCK'];
  return { ...plainEnvironment(), ...(agent ? { SSH_AUTH_SOCK: agent } : {}) };
}

async function ended({ rest, output }: Extract<Said, { kind: 'said' }>, run: HookRun): Promise<HookEnd> {
  const [code = '', endedAt = null] = rest.split(' ');
  return { exitCode: Number.parseInt(code, 10), stoppedBecause: null, endedAt, output: await kept(output, run) };
}

function unknown(stoppedBecause: string, output = ''): HookEnd {
  return { exitCode: null, stoppedBecause, endedAt: null, output };
}

/** Beside the other files of the run, for whoever looks into a failed deploy. */
async function kept(output: string, run: HookRun): Promise<string> {
  await mkdir(run.directory, { recursive: true, mode: 0o700 });
  await writeFile(new RunDirectory(run.directory).stdout, output, { mode: 0o600 });
  return output;
}

/** Without git's own folder, which would mean nothing there. */
async function archived(run: HookRun): Promise<string> {
  await mkdir(run.directory, { recursive: true, mode: 0o700 });
  const archive = join(run.directory, 'checkout.tgz');
  const { execa } = await import('execa');
  await execa('tar', ['-czf', archive, '--exclude=./.git', '-C', await run.checkout(), '.']);
  return archive;
}

/** Written before anything is sent: from then on only the host can say that nothing runs. */
async function markSent(run: HookRun): Promise<void> {
  await writeFile(sentMark(run), '', { mode: 0o600 });
}

/** An orchestrator that led before us has its own note of what it sent. */
async function mayHaveBeenSent(run: HookRun): Promise<boolean> {
  return run.claim?.isOurs === false || (await wasSent(run));
}

function wasSent(run: HookRun): Promise<boolean> {
  return access(sentMark(run)).then(
    () => true,
    () => false,
  );
}

function sentMark({ directory, key }: HookRun): string {
  return join(directory, `sent-${key}`);
}

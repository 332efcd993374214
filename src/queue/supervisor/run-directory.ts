import { link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import type { ProcessIdentity } from './process-identity.js';
import type { ExitRecord, SupervisedSpec } from './process-spec.js';

/** Who runs: written by the supervisor before it starts anything, and again when the process has started. */
export interface ProcessRecord {
  readonly runId: string;
  readonly fence: number;
  readonly supervisor: ProcessIdentity;
  readonly process: ProcessIdentity | null;
  /** Why nobody will ever start it; absent: it is to be started. */
  readonly calledOff?: string;
}

/** How far the run has come, as the supervisor last saw it. */
export interface Beat {
  readonly at: string;
  readonly bytes: number;
  readonly lines: number;
  readonly resultSeen: boolean;
}

/** A file of the run that is there but cannot be understood: nothing is concluded from it, neither life nor death. */
export class RunFileUnreadable extends Error {
  constructor(path: string, options?: ErrorOptions) {
    super(`${path} is not what a supervisor writes; look at it before the run is judged`, options);
    this.name = 'RunFileUnreadable';
  }
}

/** Relative to the data folder. */
export function runDirectoryOf(runId: string): string {
  return join('runs', runId);
}

const PRIVATE = { mode: 0o600 };

/** The files of one run, and the only place that knows their names. */
export class RunDirectory {
  readonly stdout: string;
  readonly stderr: string;
  readonly supervisorLog: string;

  constructor(readonly path: string) {
    this.stdout = join(path, 'stdout.ndjson');
    this.stderr = join(path, 'stderr.log');
    this.supervisorLog = join(path, 'supervisor.log');
  }

  async create(): Promise<void> {
    await mkdir(this.path, { recursive: true, mode: 0o700 });
  }

  spec(): Promise<SupervisedSpec | null> {
    return this.read<SupervisedSpec>('spec.json');
  }

  writeSpec(spec: SupervisedSpec): Promise<void> {
    return this.write('spec.json', spec);
  }

  /** The environment may hold the agent's credentials: once the process has it, the file does not need it. */
  async forgetEnvironment(): Promise<void> {
    const spec = await this.spec();
    if (spec === null || Object.keys(spec.env).length === 0) return;
    const { env, ...rest } = spec;
    await this.write('spec.json', { ...rest, env: {}, environmentNames: Object.keys(env) });
  }

  process(): Promise<ProcessRecord | null> {
    return this.read<ProcessRecord>('proc.json');
  }

  /** False when somebody else has it. A link of a finished file, so that no reader sees half a record. */
  async claim(record: ProcessRecord): Promise<boolean> {
    const draft = join(this.path, `proc.${record.supervisor.pid}.draft`);
    await writeFile(draft, JSON.stringify(record), PRIVATE);
    try {
      await link(draft, join(this.path, 'proc.json'));
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    } finally {
      await rm(draft, { force: true });
    }
  }

  recordProcess(record: ProcessRecord): Promise<void> {
    return this.write('proc.json', record);
  }

  exit(): Promise<ExitRecord | null> {
    return this.read<ExitRecord>('exit.json');
  }

  recordExit(exit: ExitRecord): Promise<void> {
    return this.write('exit.json', exit);
  }

  /** Not atomic and not flushed: a beat that is lost is followed by the next. */
  beat(beat: Beat): Promise<void> {
    return writeFile(join(this.path, 'beat'), JSON.stringify(beat), PRIVATE);
  }

  async lastBeat(): Promise<Beat | null> {
    const text = await readFile(join(this.path, 'beat'), 'utf8').catch(() => '');
    try {
      return JSON.parse(text) as Beat;
    } catch {
      return null; // Not written yet, or read in the middle of a write.
    }
  }

  requestStop(because: string): Promise<void> {
    return this.write('stop', { because });
  }

  async stopRequest(): Promise<string | null> {
    const request = await this.read<{ readonly because: string }>('stop');
    return request?.because ?? null;
  }

  private write(name: string, content: object): Promise<void> {
    return writeFileAtomic(join(this.path, name), JSON.stringify(content), PRIVATE);
  }

  private async read<T>(name: string): Promise<T | null> {
    const path = join(this.path, name);
    try {
      return JSON.parse(await readFile(path, 'utf8')) as T;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw new RunFileUnreadable(path, { cause: error });
    }
  }
}

export async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    (found) => found.size,
    () => 0,
  );
}

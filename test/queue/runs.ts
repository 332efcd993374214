import { mkdtempSync, readFileSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProcessIdentity } from '../../src/queue/supervisor/process-identity.js';
import type { ProcessSpec } from '../../src/queue/supervisor/process-spec.js';
import { RunDirectory, type ProcessRecord } from '../../src/queue/supervisor/run-directory.js';
import { processesOf } from '../../src/queue/supervisor/run-processes.js';
import { Supervisor } from '../../src/queue/supervisor/supervisor.js';
import { until } from '../support/until.js';

const YES = (): boolean => true;
const NO = (): boolean => false;

/** Runs of small shell scripts under real supervisors, each in a directory of its own; ends whatever is left. */
export class Runs {
  readonly supervisor = new Supervisor();
  private readonly root = mkdtempSync(join(tmpdir(), 'runs-'));
  private readonly runIds: string[] = [];

  directory(name = `run-${this.runIds.length + 1}`): string {
    const directory = join(this.root, name);
    this.runIds.push(this.runId(directory));
    return directory;
  }

  runId(directory: string): string {
    return `${this.root.split('/').at(-1) ?? ''}-${directory.split('/').at(-1) ?? ''}`;
  }

  spec(directory: string, script: string, other: Partial<ProcessSpec> = {}): ProcessSpec {
    return {
      command: '/bin/bash',
      args: ['-c', script],
      cwd: this.root,
      env: { PATH: process.env['PATH'] ?? '', ORCH_RUN_ID: this.runId(directory), SECRET: 'of-the-agent' },
      timeoutMs: 30_000,
      silenceMs: 30_000,
      killGraceMs: 1_000,
      lingerMs: 30_000,
      ...other,
    };
  }

  start(directory: string, script: string, other: Partial<ProcessSpec> = {}): Promise<ProcessIdentity> {
    return this.supervisor.start(directory, this.spec(directory, script, other), 7);
  }

  /** As far as an orchestrator came that was killed before its supervisor had claimed the run. */
  async prepare(directory: string, script: string, other: Partial<ProcessSpec> = {}): Promise<void> {
    const run = new RunDirectory(directory);
    await run.create();
    await run.writeSpec({ ...this.spec(directory, script, other), runId: this.runId(directory), fence: 7 });
  }

  alive(directory: string): number[] {
    return processesOf(this.runId(directory), null);
  }

  output(directory: string): string {
    return readFileSync(join(directory, 'stdout.ndjson'), 'utf8');
  }

  record(directory: string): ProcessRecord {
    return JSON.parse(readFileSync(join(directory, 'proc.json'), 'utf8')) as ProcessRecord;
  }

  files(directory: string): string[] {
    return readdirSync(directory).sort();
  }

  /** A supervisor that outlives its agent by a moment still writes how that ended. */
  async end(): Promise<void> {
    for (const pid of this.runIds.flatMap((runId) => processesOf(runId, null))) kill(pid, 'SIGKILL');
    const isGone = (): Promise<boolean> => rm(this.root, { recursive: true, force: true }).then(YES, NO);
    await until(isGone, 'nothing is written to the runs any more');
  }
}

export function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
}

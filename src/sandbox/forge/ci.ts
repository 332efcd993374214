import { mkdtemp, rm, writeFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { gitEnvironment } from './git/git.js';
import { tryScheduledMerges } from './auto-merge.js';
import type { ForgeDesk } from './desk.js';
import { announceWorkflow } from './actions/workflow-events.js';
import { forgeTime, type CiRun, type Repository } from './state.js';
import { reportStatus } from './statuses.js';

export const CI_CONTEXT = 'ci / test (push)';

export interface CiOptions {
  /** What is run in a checkout of the pushed commit. */
  readonly command: readonly [string, ...string[]];
  readonly timeoutMs: number;
  readonly logDir: string;
}

/** The forge's own runner: tests really run, one commit at a time, and the statuses are reported as its actions would. */
export class CiRunner {
  private running: Promise<void> | null = null;
  private readonly stop = new AbortController();

  constructor(
    private readonly options: CiOptions,
    private readonly desk: () => ForgeDesk,
  ) {}

  wake(): void {
    this.running ??= this.drain()
      .catch((error: unknown) => void process.stderr.write(`sandbox forge actions: ${String(error)}\n`))
      .then(() => {
        this.running = null;
      });
  }

  async close(): Promise<void> {
    this.stop.abort();
    await this.running;
  }

  private async drain(): Promise<void> {
    await Promise.resolve();
    for (let next = this.next(); next && !this.stop.signal.aborted; next = this.next()) {
      await this.run(next.repository, next.run);
    }
  }

  private next(): { repository: Repository; run: CiRun } | null {
    for (const repository of this.desk().state.value.repositories) {
      const run = repository.ciRuns.find(({ finished }) => !finished);
      if (run) return { repository, run };
    }
    return null;
  }

  private async run(repository: Repository, run: CiRun): Promise<void> {
    await this.report(repository, run, 'pending', 'Has started running');
    const started = Date.now();
    const startedAt = forgeTime();
    announceWorkflow(this.desk(), repository, run, { action: 'in_progress', startedAt });
    const passed = await this.test(repository, run);
    // A run that was cut off is no verdict: it starts again with the next process.
    if (this.stop.signal.aborted) return;
    const seconds = `${Math.max(1, Math.round((Date.now() - started) / 1000))}s`;
    await this.report(
      repository,
      run,
      passed ? 'success' : 'failure',
      `${passed ? 'Successful in' : 'Failing after'} ${seconds}`,
    );
    const conclusion = passed ? 'success' : 'failure';
    announceWorkflow(this.desk(), repository, run, { action: 'completed', conclusion, startedAt });
    this.desk().state.change(() => (run.finished = true));
    await this.desk().state.saved();
    await tryScheduledMerges(this.desk(), repository);
  }

  private async test(repository: Repository, run: CiRun): Promise<boolean> {
    const directory = await mkdtemp(join(tmpdir(), 'sandbox-ci-'));
    try {
      await this.desk().git(repository).export(run.sha, directory);
      const [program, ...args] = this.options.command;
      const result = await execa(program, args, {
        ...{ cwd: directory, extendEnv: false, env: { ...gitEnvironment(), CI: 'true' }, stdin: 'ignore', all: true },
        ...{ reject: false, timeout: this.options.timeoutMs, cancelSignal: this.stop.signal },
      });
      await mkdir(this.options.logDir, { recursive: true });
      await writeFile(join(this.options.logDir, `${run.id}.log`), result.all);
      return result.exitCode === 0;
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }

  private async report(repository: Repository, run: CiRun, state: string, description: string): Promise<void> {
    const { owner } = this.desk().state.value;
    const targetUrl = `/${owner}/${repository.name}/actions/runs/${run.id}/jobs/${run.id}`;
    await reportStatus(this.desk(), repository, {
      ...{ sha: run.sha, context: CI_CONTEXT, state, description, targetUrl, creator: null },
    });
  }
}

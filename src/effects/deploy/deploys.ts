import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ReportDeployEnded, ReportDeployStarted, ReportDeployStartFailed } from '../../domain/deploy/commands.js';
import type { DeployRequested, HookCheck } from '../../domain/deploy/events.js';
import type { ExitRecord, ProcessSpec } from '../../integrations/agent-runner.js';
import type { Worktrees } from '../../integrations/worktrees.js';
import type { Clock } from '../../kernel/clock.js';
import type { RecordedEvent } from '../../kernel/event.js';
import { toIso } from '../../kernel/time.js';
import { RunDirectory } from '../../queue/supervisor/run-directory.js';
import { RunNotStarted, type Supervisor } from '../../queue/supervisor/supervisor.js';
import type { Effect, Outcome } from '../effect.js';
import { readHookChecks } from './hook-checks.js';
import { plainEnvironment, type ProjectCommands } from '../task/project-commands.js';

export interface DeployWorld {
  readonly project: ProjectCommands;
  readonly worktrees: Worktrees;
  readonly supervisor: Supervisor;
  readonly clock: Clock;
  readonly dataDir: string;
  readonly timeoutMs: number;
  /** `ORCH_DEPLOY_SSH`. */
  readonly ssh: string | null;
}

/** Runs the project's hook for exactly the requested revision, once per deploy id, in a process that outlives us. */
export class Deploys implements Effect<DeployRequested> {
  readonly intent = 'DeployRequested';
  readonly effectClass = 'probeable';

  constructor(private readonly world: DeployWorld) {}

  /** Two hooks never change one environment at the same time, a rollback and a deploy least of all. */
  lane({ data }: RecordedEvent<DeployRequested>): string {
    return `hook ${data.environment} of ${data.repo}`;
  }

  async act(event: RecordedEvent<DeployRequested>, outcome: Outcome, signal: AbortSignal): Promise<void> {
    const directory = join(this.world.dataDir, runDirectoryOf(event));
    const found = await this.world.supervisor.inspect(directory);
    if (found.state === 'absent' && !(await this.begin(event, directory, outcome))) return;
    const exit = await this.world.supervisor.watch(directory, signal);
    if (signal.aborted) return;
    await this.reportEnd(event, new RunDirectory(directory), exit, outcome);
    await this.world.worktrees.removeCheckout(event.data.repo, event.stream);
  }

  /** False: the hook could not be started at all. */
  private async begin(event: RecordedEvent<DeployRequested>, directory: string, outcome: Outcome): Promise<boolean> {
    const { stream, data } = event;
    const command = this.commandFor(data);
    if (!command || this.world.ssh !== null) {
      await outcome.report(ReportDeployStartFailed, stream, { reason: this.obstacle(data) });
      return false;
    }
    const checkout = await this.world.worktrees.checkout(data.repo, data.revision.head, stream);
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const identity = await this.world.supervisor.start(directory, this.spec(event, command, checkout), data.deployId);
      const started = { ...identity, runDirectory: runDirectoryOf(event), startedAt: toIso(this.world.clock.now()) };
      await outcome.report(ReportDeployStarted, stream, started);
      return true;
    } catch (error) {
      if (!(error instanceof RunNotStarted)) throw error;
      await outcome.report(ReportDeployStartFailed, stream, { reason: error.message });
      return false;
    }
  }

  /** A hook that is meant for another host is never run on this one. */
  private obstacle({ environment, action }: DeployRequested['data']): string {
    if (this.world.ssh === null) return `no command is configured for a ${action} of ${environment}`;
    return 'ORCH_DEPLOY_SSH is set, and this version runs hooks on its own host only; unset it';
  }

  private commandFor({ repo, environment, action }: DeployRequested['data']): string | null {
    const project = this.world.project.of(repo);
    const rollback = environment === 'production' ? project?.production.rollbackCommand : null;
    return (action === 'rollback' ? rollback : project?.[environment].command) ?? null;
  }

  private spec(event: RecordedEvent<DeployRequested>, command: string, cwd: string): ProcessSpec {
    const { timeoutMs } = this.world;
    const clocks = { timeoutMs, silenceMs: timeoutMs, killGraceMs: 10_000, lingerMs: 0 };
    return { command: '/bin/sh', args: ['-c', command], cwd, env: hookEnvironment(event), ...clocks };
  }

  private async reportEnd(
    event: RecordedEvent<DeployRequested>,
    run: RunDirectory,
    exit: ExitRecord | 'lost',
    outcome: Outcome,
  ): Promise<void> {
    const checks = await checksOf(run);
    const ended =
      exit === 'lost'
        ? {
            exitCode: null,
            stoppedBecause: 'the hook is gone and left no exit record',
            endedAt: toIso(this.world.clock.now()),
          }
        : { exitCode: exit.exitCode, stoppedBecause: exit.stoppedBecause, endedAt: exit.endedAt };
    await outcome.report(ReportDeployEnded, event.stream, { ...ended, checks });
  }
}

function runDirectoryOf({ stream }: RecordedEvent<DeployRequested>): string {
  return join('runs', stream);
}

/** The hook contract (decisions, "Hook contract"). */
function hookEnvironment({ id, data }: RecordedEvent<DeployRequested>): Readonly<Record<string, string>> {
  return {
    ...plainEnvironment(),
    // Whoever carries the tag of a run is ended with it, and another orchestrator on this host may have the same number.
    ORCH_RUN_ID: `deploy-${id}`,
    ORCH_ACTION: data.action,
    ORCH_ENVIRONMENT: data.environment,
    ORCH_DEPLOY_ID: String(data.deployId),
    ORCH_REPO: data.repo,
    ORCH_WORK_ITEM: data.workItem,
    ORCH_EXPECTED_REVISION: data.revision.head,
    ORCH_EXPECTED_TREE: data.revision.codeTree,
    ORCH_PREVIOUS_REVISION: data.previousRevision?.head ?? '',
  };
}

async function checksOf(run: RunDirectory): Promise<readonly HookCheck[]> {
  const output = await readFile(run.stdout, 'utf8').catch(() => '');
  return readHookChecks(output);
}

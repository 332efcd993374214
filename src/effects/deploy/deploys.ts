import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ReportDeployEnded, ReportDeployStarted, ReportDeployStartFailed } from '../../domain/deploy/commands.js';
import type { DeployRequested, HookCheck } from '../../domain/deploy/events.js';
import type { Worktrees } from '../../integrations/worktrees.js';
import type { Clock } from '../../kernel/clock.js';
import type { RecordedEvent } from '../../kernel/event.js';
import { fromIso, toIso } from '../../kernel/time.js';
import { RunDirectory } from '../../queue/supervisor/run-directory.js';
import type { Effect, Outcome } from '../effect.js';
import type { ProjectCommands } from '../task/project-commands.js';
import type { Clearances } from './clearance.js';
import { readHookChecks } from './hook-checks.js';
import type { HookEnd, HookHost, HookIdentity, HookRun, HookStart } from './hook.js';

export interface DeployWorld {
  readonly project: ProjectCommands;
  readonly worktrees: Worktrees;
  readonly clearances: Pick<Clearances, 'look'>;
  readonly hooks: HookHost;
  readonly clock: Clock;
  readonly dataDir: string;
  readonly timeoutMs: number;
}

type Request = RecordedEvent<DeployRequested>;

/** Runs the project's hook for exactly the requested revision, once per deploy id, in a process that outlives us. */
export class Deploys implements Effect<DeployRequested> {
  readonly intent = 'DeployRequested';
  readonly effectClass = 'probeable';

  constructor(private readonly world: DeployWorld) {}

  /** Two hooks never change one environment at the same time, a rollback and a deploy least of all. */
  lane({ data }: Request): string {
    return `hook ${data.environment} of ${data.repo}`;
  }

  async act(event: Request, outcome: Outcome, signal: AbortSignal): Promise<void> {
    const run = this.runOf(event);
    if (!(await this.begin(event, run, outcome, signal))) return;
    const end = await this.world.hooks.end(run, signal);
    if (signal.aborted) return;
    await this.reportEnd(event, run, end, outcome);
    await this.world.worktrees.removeCheckout(event.data.repo, event.stream);
  }

  /** False: the hook was not started, and never will be for this request. */
  private async begin(event: Request, run: HookRun, outcome: Outcome, signal: AbortSignal): Promise<boolean> {
    const found = await this.world.hooks.find(run);
    const start = found ?? (await this.beginUnlessHeld(event, run, signal));
    if (start.kind === 'not-started') return this.notStarted(event, start.reason, outcome);
    if (start.identity) await this.reportStarted(event, start.identity, outcome);
    return true;
  }

  private async beginUnlessHeld(event: Request, run: HookRun, signal: AbortSignal): Promise<HookStart> {
    const obstacle = await this.obstacle(event);
    return obstacle === null ? this.world.hooks.begin(run, signal) : this.world.hooks.callOff(run, obstacle);
  }

  /** A service that was down between the request and the start looks once more whether it is still wanted. */
  private async obstacle({ data }: Request): Promise<string | null> {
    const { environment, action } = data;
    if (this.commandFor(data) === null) return `no command is configured for a ${action} of ${environment}`;
    if (environment === 'staging' || action === 'rollback') return null;
    const clearance = await this.world.clearances.look(data);
    return clearance.kind === 'free' ? null : clearance.reason;
  }

  private async notStarted({ stream }: Request, reason: string, outcome: Outcome): Promise<false> {
    await outcome.report(ReportDeployStartFailed, stream, { reason });
    return false;
  }

  private reportStarted(event: Request, { pid, startTicks, bootId }: HookIdentity, outcome: Outcome): Promise<void> {
    const startedAt = toIso(this.world.clock.now());
    const started = { pid, startTicks, bootId, runDirectory: runDirectoryOf(event), startedAt };
    return outcome.report(ReportDeployStarted, event.stream, started);
  }

  private commandFor({ repo, environment, action }: DeployRequested['data']): string | null {
    const project = this.world.project.of(repo);
    const rollback = environment === 'production' ? project?.production.rollbackCommand : null;
    return (action === 'rollback' ? rollback : project?.[environment].command) ?? null;
  }

  private runOf(event: Request): HookRun {
    const { data, stream } = event;
    return {
      key: `deploy-${event.id}`,
      deployId: data.deployId,
      directory: join(this.world.dataDir, runDirectoryOf(event)),
      command: this.commandFor(data) ?? '',
      env: hookEnvironment(data),
      since: fromIso(event.recordedAt),
      timeoutMs: this.world.timeoutMs,
      checkout: () => this.world.worktrees.checkout(data.repo, data.revision.head, stream),
    };
  }

  private async reportEnd(event: Request, run: HookRun, end: HookEnd, outcome: Outcome): Promise<void> {
    const checks = await checksOf(new RunDirectory(run.directory));
    const endedAt = end.endedAt ?? toIso(this.world.clock.now());
    await outcome.report(ReportDeployEnded, event.stream, { ...end, endedAt, checks });
  }
}

function runDirectoryOf({ stream }: Request): string {
  return join('runs', stream);
}

/** The hook contract (decisions, "Hook contract"). */
function hookEnvironment(data: DeployRequested['data']): Readonly<Record<string, string>> {
  return {
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

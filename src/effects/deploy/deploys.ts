import { join, resolve } from 'node:path';
import {
  ClaimDeploy,
  ReportDeployEnded,
  ReportDeployStarted,
  ReportDeployStartFailed,
} from '../../domain/deploy/commands.js';
import type { DeployClaimed, DeployRequested } from '../../domain/deploy/events.js';
import type { EventLog } from '../../event-log/event-log.js';
import type { Worktrees } from '../../integrations/worktrees.js';
import type { Clock } from '../../kernel/clock.js';
import type { StreamPin } from '../../kernel/command.js';
import type { RecordedEvent } from '../../kernel/event.js';
import { fromIso, toIso } from '../../kernel/time.js';
import type { Instance } from '../../queue/leadership/instance.js';
import type { Effect, Outcome } from '../effect.js';
import type { ProjectCommands } from '../task/project-commands.js';
import type { Clearances } from './clearance.js';
import { readHookChecks } from './hook-checks.js';
import type { HookEnd, HookHost, HookIdentity, HookRun, HookStart } from './hook.js';

export interface DeployWorld {
  readonly log: Pick<EventLog, 'readStream'>;
  readonly project: ProjectCommands;
  readonly worktrees: Worktrees;
  readonly clearances: Pick<Clearances, 'look'>;
  readonly hooks: HookHost;
  readonly clock: Clock;
  readonly instance: Instance;
  readonly dataDir: string;
  readonly timeoutMs: number;
}

type Request = RecordedEvent<DeployRequested>;
type Claim = DeployClaimed['data'];

/** Why it may not begin, or what that it may relies on. */
type Way =
  { readonly kind: 'held'; readonly reason: string } | { readonly kind: 'free'; readonly pins: readonly StreamPin[] };

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
    const run = await this.begun(event, outcome, signal);
    if (run === null) return;
    const end = await this.world.hooks.end(run, signal);
    if (signal.aborted) return;
    await this.reportEnd(event, end, outcome);
    await this.world.worktrees.removeCheckout(event.data.repo, event.stream);
  }

  /** Null: the hook was not started, and never will be for this request. */
  private async begun(event: Request, outcome: Outcome, signal: AbortSignal): Promise<HookRun | null> {
    const { hooks } = this.world;
    const claim = await this.claimOf(event);
    const run = this.runOf(event, claim);
    const found = await hooks.find(run);
    if (found !== null) return this.told(event, run, found, outcome);
    const way = await this.wayTo(event);
    if (way.kind === 'held') return this.told(event, run, await hooks.callOff(run, way.reason), outcome);
    if (claim !== null) return this.told(event, run, await hooks.begin(run, signal), outcome);
    return (await this.claimed(event, way.pins, outcome)) ? this.begun(event, outcome, signal) : null;
  }

  /** Put on record before anything is started, so that whoever takes over knows whom to ask; and only while what allows it is so. */
  private async claimed(event: Request, pins: readonly StreamPin[], outcome: Outcome): Promise<boolean> {
    const { name: orchestrator, host } = this.world.instance;
    const claim = { orchestrator, host, directory: this.ownDirectory(event) };
    await outcome.report(ClaimDeploy, event.stream, claim, { pins });
    return (await this.claimOf(event)) !== null;
  }

  private async told(event: Request, run: HookRun, start: HookStart, outcome: Outcome): Promise<HookRun | null> {
    if (start.kind === 'not-started') {
      await outcome.report(ReportDeployStartFailed, event.stream, { reason: start.reason });
      return null;
    }
    if (start.identity) await this.reportStarted(event, run, start.identity, outcome);
    return run;
  }

  private async claimOf({ stream }: Request): Promise<Claim | null> {
    const events = await this.world.log.readStream(stream);
    return (events.find(({ type }) => type === 'DeployClaimed')?.data as Claim | undefined) ?? null;
  }

  /** A service that was down between the request and the start looks once more whether it is still wanted. */
  private async wayTo({ data }: Request): Promise<Way> {
    const { environment, action } = data;
    if (this.commandFor(data) === null) {
      return { kind: 'held', reason: `no command is configured for a ${action} of ${environment}` };
    }
    if (environment === 'staging' || action === 'rollback') return { kind: 'free', pins: [] };
    const clearance = await this.world.clearances.look(data);
    return clearance.kind === 'free' ? clearance : { kind: 'held', reason: clearance.reason };
  }

  private reportStarted(event: Request, run: HookRun, identity: HookIdentity, outcome: Outcome): Promise<void> {
    const { pid, startTicks, bootId } = identity;
    const startedAt = toIso(this.world.clock.now());
    const isOwn = run.directory === this.ownDirectory(event);
    const runDirectory = isOwn ? runDirectoryOf(event) : run.directory;
    return outcome.report(ReportDeployStarted, event.stream, { pid, startTicks, bootId, runDirectory, startedAt });
  }

  private commandFor({ repo, environment, action }: DeployRequested['data']): string | null {
    const project = this.world.project.of(repo);
    const rollback = environment === 'production' ? project?.production.rollbackCommand : null;
    return (action === 'rollback' ? rollback : project?.[environment].command) ?? null;
  }

  private runOf(event: Request, claim: Claim | null): HookRun {
    const { data, stream } = event;
    const isOurs = claim === null || claim.orchestrator === this.world.instance.name;
    return {
      key: `deploy-${event.id}`,
      deployId: data.deployId,
      directory: isOurs ? this.ownDirectory(event) : claim.directory,
      claim: claim && { isOurs, host: claim.host },
      command: this.commandFor(data) ?? '',
      env: hookEnvironment(data),
      since: fromIso(event.recordedAt),
      timeoutMs: this.world.timeoutMs,
      checkout: () => this.world.worktrees.checkout(data.repo, data.revision.head, stream),
    };
  }

  private ownDirectory(event: Request): string {
    return resolve(this.world.dataDir, runDirectoryOf(event));
  }

  private async reportEnd(event: Request, end: HookEnd, outcome: Outcome): Promise<void> {
    const { exitCode, stoppedBecause, output } = end;
    const endedAt = end.endedAt ?? toIso(this.world.clock.now());
    const checks = readHookChecks(output);
    await outcome.report(ReportDeployEnded, event.stream, { exitCode, stoppedBecause, endedAt, checks });
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

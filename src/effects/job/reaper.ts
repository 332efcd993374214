import { Logger } from '@nestjs/common';
import type { CommandBus } from '@nestjs/cqrs';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { JudgeRun, ReportRunEnded } from '../../domain/job/commands.js';
import type { JobClaimed } from '../../domain/job/events.js';
import type { RunEvidence } from '../../domain/job/judge.js';
import type { EventLog } from '../../event-log/event-log.js';
import type { AgentRunner } from '../../integrations/agent-runner.js';
import type { Answer } from '../../kernel/answer.js';
import type { BackgroundStats } from '../../kernel/background-stats.js';
import type { Clock } from '../../kernel/clock.js';
import type { Command, CommandContext } from '../../kernel/command.js';
import type { RecordedEvent } from '../../kernel/event.js';
import type { Policy } from '../../kernel/pipeline/policy.js';
import { fromIso, toIso } from '../../kernel/time.js';
import type { OpenEffectRow } from '../../projections/effect/open-effects.js';
import type { Work } from '../../projections/work.js';
import type { Hosts } from '../../queue/hosts/hosts.js';
import { RunDirectory, runDirectoryOf } from '../../queue/supervisor/run-directory.js';
import { claimOf } from './claim-of.js';
import { ForsakenRuns } from './forsaken-runs.js';
import { MassDeath } from './mass-death.js';
import { ReapCount } from './reap-count.js';
import type { LeaseSweep } from '../merge-lease/lease-sweep.js';
import { readEnding, readSince } from './run-ending.js';

export interface ReaperWorld {
  readonly log: EventLog;
  readonly work: Work;
  readonly commands: CommandBus;
  readonly clock: Clock;
  readonly policy: Policy;
  readonly hosts: Pick<Hosts, 'isSelf' | 'isSilent' | 'evidenceOf'>;
  readonly runner: AgentRunner;
  readonly stats: BackgroundStats;
  readonly leases: LeaseSweep;
  readonly dataDir: string;
}

interface Look {
  readonly claim: RecordedEvent<JobClaimed>;
  /** What is still to be done for the attempt: to run it, or to carry its work to the forge. */
  readonly intent: RecordedEvent;
  readonly evidence: RunEvidence;
}

/** Looks at every running attempt, collects evidence, and lets the job decide; the second net behind whoever watches the run. */
export class Reaper {
  private readonly logger = new Logger('job_reaper');
  private stopping = new AbortController();
  private loop: Promise<unknown> | null = null;
  private readonly reaps: ReapCount;
  private readonly massDeath: MassDeath;
  private readonly forsaken: ForsakenRuns;

  constructor(private readonly world: ReaperWorld) {
    this.forsaken = new ForsakenRuns(world);
    this.reaps = new ReapCount(world.log, world.stats.reaper);
    this.massDeath = new MassDeath(world);
  }

  /** Before merge work is taken up again, and not only with the first tick (MG-18). */
  recover(): Promise<void> {
    return this.world.leases.atStart();
  }

  /** A second start changes nothing (RP-36). */
  start(): void {
    const { intervalS, enabled, deadTicks, maxRunningS, leaseReclaimEnabled } = this.world.policy.reaper;
    if (this.loop) return;
    this.stopping = new AbortController();
    this.loop = Promise.all([this.run(intervalS * 1000), this.reaps.follow(this.stopping.signal)]);
    const switches = `enabled=${enabled}, dead ticks ${deadTicks}, ceiling ${maxRunningS} s, lease reclaim=${leaseReclaimEnabled}`;
    this.logger.log(`looks every ${intervalS} s (${switches})`);
  }

  async stop(): Promise<void> {
    if (!this.loop) return;
    this.stopping.abort();
    await this.loop;
    this.loop = null;
    this.logger.log('looks no more');
  }

  private async run(intervalMs: number): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await delay(intervalMs, undefined, { signal, ref: false }).catch(() => undefined);
      if (!signal.aborted) await this.tick().catch((error: unknown) => this.logger.error(error));
    }
  }

  /** One attempt that cannot be judged never keeps the others waiting (RP-41); without a list there is nothing to do (RP-40). */
  async tick(): Promise<void> {
    this.world.stats.reaper.lastRunAt = toIso(this.world.clock.now());
    // Two mechanisms with a switch each (AMB-08).
    await this.world.leases.sweep().catch((error: unknown) => this.passOver('the list of merge leases', error));
    if (!this.world.policy.reaper.enabled) return;
    const looks = await this.lookAtAll();
    if (await this.massDeath.suspectsOurselves(looks)) return;
    for (const look of looks) await this.judge(look).catch((error: unknown) => this.passOver(look.claim.stream, error));
    await this.forsaken.sweep().catch((error: unknown) => this.passOver('the list of runs to be stopped', error));
  }

  private async lookAtAll(): Promise<readonly Look[]> {
    const looks: Look[] = [];
    const open = await this.world.work
      .openEffects()
      .catch((error: unknown) => this.passOver('the list of runs', error));
    for (const effect of open ?? []) {
      const look = await this.lookAt(effect).catch((error: unknown) => this.passOver(effect.stream, error));
      if (look) looks.push(look);
    }
    return looks;
  }

  /** Who carries the work of an ended run to the forge is not looked at, unless nobody is there to do it. */
  private async lookAt({ type, effect_id: id }: OpenEffectRow): Promise<Look | null> {
    const { hosts, log } = this.world;
    if (type !== 'JobClaimed' && type !== 'RunEnded') return null;
    const intent = await log.readEvent(id);
    const claim = intent && (await claimOf(log, intent));
    if (!claim || (type === 'RunEnded' && !hosts.isSilent(claim.data.worker))) return null;
    return { claim, intent, evidence: await hosts.evidenceOf(claim.data) };
  }

  private async judge({ claim, intent, evidence }: Look): Promise<void> {
    const fence = claim.revision;
    if (evidence.exit && this.isOverdue(evidence.exit.endedAt)) return this.finalise(claim);
    const answer = await this.send(intent, (context) => new JudgeRun(claim.stream, { fence, evidence }, context));
    if (evidence.process === 'out-of-reach') await this.forsaken.settle(intent, claim, answer);
  }

  /** The exit record decides and nothing else: the outcome goes the way of every outcome, through the gate. */
  private async finalise(claim: RecordedEvent<JobClaimed>): Promise<void> {
    // Its record is where it ran, and is taken over there.
    if (!this.world.hosts.isSelf(claim.data.worker)) return;
    const directory = this.directoryOf(claim);
    const run = new RunDirectory(directory);
    const exit = await run.exit();
    if (!exit) return;
    const ending = await readEnding(this.world.runner, run.stdout, exit, toIso(this.world.clock.now()));
    const payload = { fence: claim.revision, runId: claim.data.runId, since: await readSince(directory), ...ending };
    this.logger.warn(`${claim.stream}: nobody took its exit record over within the grace; finalised`);
    this.reaps.began({ ...claim.data, reason: `exit=${exit.exitCode ?? exit.signal}, and nobody took it over` });
    await this.send(claim, (context) => new ReportRunEnded(claim.stream, payload, context));
  }

  private isOverdue(endedAt: string): boolean {
    return this.world.clock.now() - fromIso(endedAt) >= this.world.policy.reaper.finalizeGraceS * 1000;
  }

  private send(cause: RecordedEvent, command: (context: CommandContext) => Command): Promise<Answer> {
    const context: CommandContext = {
      commandId: randomUUID(),
      at: toIso(this.world.clock.now()),
      actor: 'policy:reaper',
      correlationId: cause.metadata.$correlationId,
      causationId: cause.id,
    };
    return this.world.commands.execute(command(context));
  }

  private passOver(stream: string, error: unknown): null {
    this.logger.warn(`${stream} cannot be judged: ${(error as Error).message}`);
    return null;
  }

  private directoryOf(claim: RecordedEvent<JobClaimed>): string {
    return join(this.world.dataDir, runDirectoryOf(claim.data.runId));
  }
}

import { Logger } from '@nestjs/common';
import type { CommandBus } from '@nestjs/cqrs';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { JudgeRun, ReportRunEnded } from '../../domain/job/commands.js';
import type { JobClaimed, JobEvent } from '../../domain/job/events.js';
import type { RunEvidence } from '../../domain/job/judge.js';
import type { EventLog } from '../../event-log/event-log.js';
import type { AgentRunner } from '../../integrations/agent-runner.js';
import type { Answer } from '../../kernel/answer.js';
import type { BackgroundStats } from '../../kernel/background-stats.js';
import type { Clock } from '../../kernel/clock.js';
import type { Command, CommandContext } from '../../kernel/command.js';
import type { RecordedEvent } from '../../kernel/event.js';
import type { Policy } from '../../kernel/pipeline/policy.js';
import { isRefused } from '../../kernel/refused.js';
import { fromIso, toIso } from '../../kernel/time.js';
import type { Work } from '../../projections/work.js';
import { RunDirectory } from '../../queue/supervisor/run-directory.js';
import type { Inspection, Supervisor } from '../../queue/supervisor/supervisor.js';
import { readEnding, readSince } from './run-ending.js';
import { runDirectoryOf } from './runs.js';

export interface ReaperWorld {
  readonly log: EventLog;
  readonly work: Work;
  readonly commands: CommandBus;
  readonly clock: Clock;
  readonly policy: Policy;
  readonly supervisor: Supervisor;
  readonly runner: AgentRunner;
  readonly stats: BackgroundStats;
  readonly dataDir: string;
}

interface Look {
  readonly claim: RecordedEvent<JobClaimed>;
  readonly evidence: RunEvidence;
}

/** Looks at every running attempt, collects evidence, and lets the job decide; the second net behind whoever watches the run. */
export class Reaper {
  private readonly logger = new Logger('job_reaper');
  private stopping = new AbortController();
  private loop: Promise<void> | null = null;

  constructor(private readonly world: ReaperWorld) {}

  /** A second start changes nothing (RP-36). */
  start(): void {
    const { intervalS, enabled, deadTicks, maxRunningS, leaseReclaimEnabled } = this.world.policy.reaper;
    if (this.loop) return;
    this.stopping = new AbortController();
    this.loop = this.run(intervalS * 1000);
    const switches = `enabled=${enabled}, dead ticks ${deadTicks}, ceiling ${maxRunningS} s, lease reclaim=${leaseReclaimEnabled}`;
    this.logger.log(`looks every ${intervalS} s (${switches})`);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.loop;
    this.loop = null;
  }

  private async run(intervalMs: number): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await delay(intervalMs, undefined, { signal, ref: false }).catch(() => undefined);
      if (!signal.aborted) await this.tick().catch((error: unknown) => this.logger.error(error));
    }
  }

  /** One attempt that cannot be judged never keeps the others waiting (RP-41). */
  async tick(): Promise<void> {
    this.world.stats.reaper.lastRunAt = toIso(this.world.clock.now());
    if (!this.world.policy.reaper.enabled) return;
    const looks: Look[] = [];
    for (const effect of await this.world.work.openEffects()) {
      if (effect.type !== 'JobClaimed') continue;
      const look = await this.lookAt(effect.effect_id).catch((error: unknown) => this.passOver(effect.stream, error));
      if (look) looks.push(look);
    }
    if (isMassDeath(looks)) return this.suspectOurselves(looks);
    for (const look of looks) await this.judge(look).catch((error: unknown) => this.passOver(look.claim.stream, error));
  }

  private async lookAt(claimId: string): Promise<Look | null> {
    const claim = (await this.world.log.readEvent(claimId)) as RecordedEvent<JobClaimed> | null;
    if (!claim) return null;
    const found = await this.world.supervisor.inspect(this.directoryOf(claim));
    return { claim, evidence: evidenceIn(found) };
  }

  private async judge({ claim, evidence }: Look): Promise<void> {
    const fence = claim.revision;
    if (evidence.exit && this.isOverdue(evidence.exit.endedAt)) return this.finalise(claim);
    const answer = await this.send(claim, (context) => new JudgeRun(claim.stream, { fence, evidence }, context));
    if (isRefused(answer)) return;
    const reaped = answer.events.find(({ type }) => type === 'JobReaped');
    if (reaped) this.count(reaped.data as Extract<JobEvent, { type: 'JobReaped' }>['data']);
  }

  /** The exit record decides and nothing else: the outcome goes the way of every outcome, through the gate. */
  private async finalise(claim: RecordedEvent<JobClaimed>): Promise<void> {
    const directory = this.directoryOf(claim);
    const run = new RunDirectory(directory);
    const exit = await run.exit();
    if (!exit) return;
    const ending = await readEnding(this.world.runner, run.stdout, exit, toIso(this.world.clock.now()));
    const payload = { fence: claim.revision, runId: claim.data.runId, since: await readSince(directory), ...ending };
    this.logger.warn(`${claim.stream}: nobody took its exit record over within the grace; finalised`);
    await this.send(claim, (context) => new ReportRunEnded(claim.stream, payload, context));
  }

  private isOverdue(endedAt: string): boolean {
    return this.world.clock.now() - fromIso(endedAt) >= this.world.policy.reaper.finalizeGraceS * 1000;
  }

  private send(claim: RecordedEvent<JobClaimed>, command: (context: CommandContext) => Command): Promise<Answer> {
    const context: CommandContext = {
      commandId: randomUUID(),
      at: toIso(this.world.clock.now()),
      actor: 'policy:reaper',
      correlationId: claim.metadata.$correlationId,
      causationId: claim.id,
    };
    return this.world.commands.execute(command(context));
  }

  private count({ jobId, agent, reason }: Extract<JobEvent, { type: 'JobReaped' }>['data']): void {
    const { reaper } = this.world.stats;
    reaper.reapedTotal += 1;
    reaper.lastReaped = { jobId, agent, outcome: 'reaped' };
    this.logger.warn(`job ${jobId} (${agent}) reaped: ${reason}`);
  }

  /** Many deaths at once are more likely our own blindness: a full disk, a lost folder, a wrong clock. */
  private suspectOurselves(looks: readonly Look[]): void {
    const dead = looks.filter(isDead).length;
    this.logger.error(`${dead} of ${looks.length} runs look dead at once; nothing is reaped until a look finds fewer`);
  }

  private passOver(stream: string, error: unknown): null {
    this.logger.warn(`${stream} cannot be judged: ${(error as Error).message}`);
    return null;
  }

  private directoryOf(claim: RecordedEvent<JobClaimed>): string {
    return join(this.world.dataDir, runDirectoryOf(claim.data.runId));
  }
}

const MASS_DEATH_MIN = 3;
const MASS_DEATH_SHARE = 0.2;

export function isMassDeath(looks: readonly Pick<Look, 'evidence'>[]): boolean {
  const dead = looks.filter(isDead).length;
  return dead > Math.max(MASS_DEATH_MIN, looks.length * MASS_DEATH_SHARE);
}

function isDead({ evidence }: Pick<Look, 'evidence'>): boolean {
  return evidence.process === 'dead' && evidence.exit === null;
}

function evidenceIn(found: Inspection): RunEvidence {
  switch (found.state) {
    case 'absent':
      return { process: 'not-started', pid: null, exit: null };
    case 'starting':
      return { process: 'unknown', pid: null, exit: null };
    case 'running':
      return { process: found.supervised ? 'alive' : 'dead', pid: found.identity.pid, exit: null };
    case 'lost':
      return { process: 'dead', pid: found.identity?.pid ?? null, exit: null };
    case 'ended': {
      const { exitCode, endedAt } = found.exit;
      return { process: 'dead', pid: found.identity?.pid ?? null, exit: { exitCode, endedAt } };
    }
  }
}

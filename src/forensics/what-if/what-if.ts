import { JudgeRun } from '../../domain/job/commands.js';
import type { JobClaimed } from '../../domain/job/events.js';
import { ReassessRepo } from '../../domain/admission/commands.js';
import type { EventLog } from '../../event-log/event-log.js';
import type { CommandContext } from '../../kernel/command.js';
import type { Position, RecordedEvent } from '../../kernel/event.js';
import { deriveId } from '../../kernel/ids.js';
import type { Policy } from '../../kernel/pipeline/policy.js';
import { fromIso, toIso } from '../../kernel/time.js';
import { timeAt } from '../../projections/event/moment.js';
import { BOARD_EVENTS } from '../../queue/board.js';
import { LIMIT_EVENTS } from '../../queue/start-limits.js';
import { decisionsOf, type RecordedDecision } from '../decisions/recorded-decisions.js';
import { SettingsInForce } from '../decisions/settings-in-force.js';
import { pagesOf, type Range } from '../pages.js';
import { BEYOND } from './settings/beyond.js';
import { Claims, type ClaimChange } from './claims.js';
import { Ledger } from './ledger.js';
import type { BothPolicies } from './looks.js';
import { overridden, valueAt, type Override } from './settings/overrides.js';
import type { WhatIfReport } from './report.js';
import { RunLengths } from './run-lengths.js';
import { Slots } from './slots.js';
import { TwoWorlds } from './two-worlds.js';
import { Walk } from './walk.js';
import { watched } from './settings/watched-policy.js';

export interface WhatIf {
  readonly settings: readonly Override[];
  readonly range: Range;
  /** When the settings change, where that is not the moment of the last event before. */
  readonly beginMs?: number | null;
  /** For a log that has recorded no settings yet. */
  readonly policy: Policy;
  readonly onProgress?: (position: Position) => void;
}

/** Decides the recorded commands of a part of the log again under other settings, and carries on what comes of the differences. */
export async function whatIf(log: EventLog, options: WhatIf): Promise<WhatIfReport> {
  const experiment = await Experiment.begin(log, options);
  await experiment.switchOver(log);
  let decisions = 0;
  for await (const page of decisionsOf(log, options.range)) {
    for (const decision of page) await experiment.step(decision);
    decisions += page.length;
    const last = page.at(-1);
    if (last) options.onProgress?.(last.first.position);
  }
  await experiment.end(await timeAt(log, options.range.until));
  return { ...experiment.report(), decisions, from: options.range.after + 1, to: options.range.until };
}

class Experiment {
  private readonly ledger = new Ledger();
  private readonly reads = new Map<string, number>();
  private lately = new Set<string>();
  private before: Policy;

  private constructor(
    private readonly options: WhatIf,
    private readonly inForce: SettingsInForce,
    private readonly parts: { readonly worlds: TwoWorlds; readonly runs: RunLengths },
  ) {
    this.before = inForce.policy;
    const { recorded, counterfactual } = this.policies();
    const claims = new Claims(new Slots(recorded), new Slots(counterfactual), parts.runs, (change) => {
      this.ledger.claim(change);
      if (change.kind !== 'prevented') this.started.push(change);
      if (change.kind === 'never-recorded') parts.worlds.leave(`job-${change.job.id}`);
    });
    this.claims = claims;
    const lookedAt = (): readonly string[] => this.lookedAt();
    this.walk = new Walk(
      { ...parts, claims, ledger: this.ledger, lookedAt, begin: options.range.after },
      this.policies(),
    );
  }

  private readonly started: ClaimChange[] = [];
  private readonly claims: Claims;
  private readonly walk: Walk;

  static async begin(log: EventLog, options: WhatIf): Promise<Experiment> {
    const { after } = options.range;
    const inForce = await SettingsInForce.after(log, after, options.policy);
    const runs = await RunLengths.read(log, options.range);
    const experiment = new Experiment(options, inForce, { worlds: new TwoWorlds(log, after), runs });
    await experiment.hearThePast(log, after);
    return experiment;
  }

  /** From the middle of a log on the settings change at that moment, as a start of the service with others would do it. */
  async switchOver(log: EventLog): Promise<void> {
    const { after } = this.options.range;
    if (after === 0) return;
    const at = toIso(this.options.beginMs ?? (await timeAt(log, after)));
    for (const { repo } of this.before.projects) {
      const command = new ReassessRepo(`admission-${repo}`, { repo }, contextAt(at, 'system', `switch ${repo}`));
      await this.walk.unrecorded.giveNow(command, 'the settings are changed here');
    }
    this.claims.look();
    await this.closeAdmissions();
  }

  async step(decision: RecordedDecision): Promise<void> {
    await this.walk.step(decision);
    await this.closeAdmissions();
    for (const event of decision.events) {
      if (event.type === 'SettingsChanged') this.change(event);
      if (event.type === 'JobClaimed') this.planCeiling(event as RecordedEvent<JobClaimed>);
    }
  }

  end(nowMs: number): Promise<void> {
    return this.walk.unrecorded.passUntil(nowMs);
  }

  report(): Omit<WhatIfReport, 'decisions' | 'from' | 'to'> {
    const settings = this.options.settings.map(({ variable, path, value }) => ({
      ...{ variable, value, recorded: valueAt(this.before, path), reads: this.reads.get(path) ?? 0 },
      beyond: BEYOND[variable],
    }));
    const { differences, unknown } = this.ledger;
    return { settings, differences, unknown, notReproducible: this.walk.notReproducible };
  }

  /** Once one waits no more, others may start. */
  private async closeAdmissions(): Promise<void> {
    for (let change = this.started.shift(); change; change = this.started.shift()) {
      await this.walk.unrecorded.closeAdmission(change.job, toIso(change.atMs));
      this.claims.look();
    }
  }

  private policies(): BothPolicies {
    const { settings } = this.options;
    const recorded = this.inForce.policy;
    const paths = settings.map(({ path }) => path);
    const counterfactual = watched(overridden(recorded, settings), paths, (path) => this.look(path));
    return { recorded, counterfactual };
  }

  private look(path: string): void {
    this.reads.set(path, (this.reads.get(path) ?? 0) + 1);
    this.lately.add(path);
  }

  /** By the names that operators know. */
  private lookedAt(): readonly string[] {
    const seen = this.options.settings.filter(({ path }) => this.lately.has(path));
    this.lately = new Set();
    return seen.map(({ variable }) => variable);
  }

  private change(event: RecordedEvent): void {
    const isFirst = !this.inForce.areRecorded;
    this.inForce.hear(event);
    if (isFirst) this.before = this.inForce.policy;
    const policies = this.policies();
    this.walk.use(policies);
    this.claims.recorded.use(policies.recorded);
    this.claims.counterfactual.use(policies.counterfactual);
  }

  /** Looks that left everything as it was are not recorded; of the ceiling it can be computed what one would have come to. */
  private planCeiling(claim: RecordedEvent<JobClaimed>): void {
    const { recorded, counterfactual } = this.policies();
    const ceilingS = counterfactual.reaper.maxRunningS;
    if (!counterfactual.reaper.enabled || (recorded.reaper.enabled && ceilingS >= recorded.reaper.maxRunningS)) return;
    const claimedMs = fromIso(claim.recordedAt);
    const atMs = claimedMs + ceilingS * 1000;
    const endedMs = this.parts.runs.attemptAt(claim.data.jobId, claimedMs)?.endedMs ?? Infinity;
    if (endedMs <= atMs) return;
    const context = {
      ...contextAt(toIso(atMs), 'policy:reaper', `ceiling ${claim.id}`),
      correlationId: claim.metadata.$correlationId,
      causationId: claim.id,
    };
    const evidence = { process: 'unknown', pid: null, exit: null } as const;
    const command = new JudgeRun(claim.stream, { fence: claim.revision, evidence }, context);
    this.walk.unrecorded.plan({ atMs, command, why: 'the reaper finds the run above its ceiling' });
  }

  private async hearThePast(log: EventLog, until: Position): Promise<void> {
    if (until === 0) return;
    const types = [...new Set([...BOARD_EVENTS, ...LIMIT_EVENTS, 'TaskAdvanced', 'TaskSentBack', 'DeployStarted'])];
    for await (const page of pagesOf(log, { after: 0, until }, { types })) {
      for (const event of page) {
        this.walk.looks.hear(event);
        for (const slots of [this.claims.recorded, this.claims.counterfactual])
          slots.hear(event, fromIso(event.recordedAt));
      }
    }
    this.claims.beginAt(this.options.beginMs ?? (await timeAt(log, until)));
  }
}

function contextAt(at: string, actor: string, name: string): CommandContext {
  return { commandId: deriveId('what-if', name), at, actor, correlationId: 'what-if', causationId: null };
}

import type { JobClaimed, JobReaped } from '../../domain/job/events.js';
import { CloseAdmission } from '../../domain/admission/commands.js';
import { ReportRunStopped } from '../../domain/job/commands.js';
import { assert } from '../../kernel/assert.js';
import type { Command } from '../../kernel/command.js';
import type { AnyDecider } from '../../kernel/decider.js';
import type { Position, RecordedEvent } from '../../kernel/event.js';
import { deriveId } from '../../kernel/ids.js';
import { fromIso, toIso } from '../../kernel/time.js';
import { changesNothing, decideAgain, eventsDifference, firstDifference, type Outcome } from '../decisions/outcome.js';
import { commandOf, Nouns, type RecordedDecision } from '../decisions/recorded-decisions.js';
import { SagaReactions, type Reaction } from '../decisions/saga-reactions.js';
import type { BoardJob } from '../../queue/board.js';
import type { Claims } from './claims.js';
import { asRecorded, worded, wordedOutcome, type Ledger } from './ledger.js';
import { Looks, type BothPolicies } from './looks.js';
import type { RunLengths } from './run-lengths.js';
import { TwoWorlds } from './two-worlds.js';

/** Where the walk looks things up and writes things down. */
export interface WalkWorld {
  readonly worlds: TwoWorlds;
  readonly claims: Claims;
  readonly runs: RunLengths;
  readonly ledger: Ledger;
  /** Names the settings that were looked at since it was asked last. */
  readonly lookedAt: () => readonly string[];
  /** The position after which the walk begins. */
  readonly begin: Position;
}

/** A command that nobody gave, and that would have been given. */
interface Planned {
  readonly atMs: number;
  readonly command: Command;
  readonly why: string;
}

interface Decided {
  readonly decider: AnyDecider;
  readonly command: Command;
  readonly why: string | null;
}

/** Goes along the log and keeps a second course of events beside it. */
export class Walk {
  private readonly nouns = new Nouns();
  private readonly reactions = new SagaReactions();
  readonly looks = new Looks();
  private readonly planned: Planned[] = [];
  private readonly given = new Set<string>();
  private readonly closedEarly = new Set<number>();
  private position: Position;
  notReproducible = 0;

  constructor(
    private readonly world: WalkWorld,
    private policies: BothPolicies,
  ) {
    this.position = world.begin;
  }

  use(policies: BothPolicies): void {
    this.policies = policies;
  }

  async step(decision: RecordedDecision): Promise<void> {
    const { first, events } = decision;
    await this.passUntil(fromIso(first.recordedAt));
    this.position = events.at(-1)?.position ?? first.position;
    const decider = this.nouns.of(decision.stream);
    const kept = decider ? await this.decide(decider, decision) : events;
    this.tellClaims(events, kept);
    for (const event of events) this.looks.hear(event);
    await this.reactTo(events, kept);
    this.world.claims.look();
  }

  async passUntil(nowMs: number): Promise<void> {
    for (let next = this.planned[0]; next && next.atMs <= nowMs; next = this.planned[0]) {
      this.planned.shift();
      this.world.claims.passUntil(next.atMs);
      await this.giveNow(next.command, next.why);
      this.world.claims.look();
    }
    this.world.claims.passUntil(nowMs);
  }

  /** A command that would be given at that time. */
  plan(planned: Planned): void {
    this.planned.push(planned);
    this.planned.sort((one, other) => one.atMs - other.atMs);
  }

  /** Whose analyst starts at another time waits for admission only until then. */
  async closeAdmission({ id: jobId, agent, repo }: BoardJob, at: string): Promise<void> {
    if (agent !== 'analyst') return;
    this.closedEarly.add(jobId);
    const name = deriveId('what-if', 'close', jobId);
    const context = { commandId: name, at, actor: 'policy:serial-gate', correlationId: repo, causationId: null };
    const command = new CloseAdmission(`admission-${repo}`, { repo, jobId, claimed: true }, context);
    await this.giveNow(command, null);
  }

  /** Decides in the other world only; what comes of it goes on. Without a reason it goes without saying. */
  async giveNow(command: Command, why: string | null): Promise<void> {
    const decider = this.nouns.of(command.stream);
    if (!decider || this.world.worlds.isLeft(command.stream)) return;
    const state = await this.world.worlds.now(decider, command.stream, this.position);
    const outcome = decideAgain(decider, command, state, this.policies.counterfactual);
    if (!changesNothing(outcome)) await this.onlyThere({ decider, command, why }, state, outcome);
  }

  /** What of the decision stands in the other world, as it stands there. */
  private async decide(decider: AnyDecider, decision: RecordedDecision): Promise<readonly RecordedEvent[]> {
    const { worlds } = this.world;
    const before = await worlds.before(decider, decision.first);
    const kept = this.keptOf(decider, decision, before);
    for (const event of decision.events) if (!kept.some(({ id }) => id === event.id)) worlds.undo(event);
    worlds.advance(decider, before, decision.events, TwoWorlds.isCarried(decider) ? kept : decision.events);
    return kept;
  }

  private keptOf(decider: AnyDecider, decision: RecordedDecision, before: unknown): readonly RecordedEvent[] {
    const { worlds } = this.world;
    const command = commandOf(decision);
    if (!command || worlds.isLeft(decision.stream)) return decision.events;
    if (this.isNotGiven(decider, command, decision)) return [];
    return this.compared({ decider, command, why: null }, decision, before) ?? decision.events;
  }

  private isNotGiven(decider: AnyDecider, command: Command, decision: RecordedDecision): boolean {
    const { ledger, worlds } = this.world;
    if (this.given.has(decision.commandId) || this.isClosedEarly(command)) return true;
    const whyNot = this.looks.notAsked(decision, this.policies);
    if (whyNot !== null) this.noteNotAsked(decision, whyNot);
    const lostCause = TwoWorlds.isCarried(decider) ? worlds.lostCauseOf(decision.first) : null;
    if (lostCause !== null) ledger.linkStreams(lostCause, decision.stream);
    return whyNot !== null || lostCause !== null;
  }

  private isClosedEarly({ type, payload }: Command): boolean {
    return type === 'CloseAdmission' && this.closedEarly.delete((payload as CloseAdmission['payload']).jobId);
  }

  private noteNotAsked(decision: RecordedDecision, why: string): void {
    this.note(decision, { kind: 'not-asked', counterfactual: ['it would not have been asked'], why, follows: null });
  }

  /** Null: the same comes of it. */
  private compared(
    { decider, command }: Decided,
    decision: RecordedDecision,
    before: unknown,
  ): readonly RecordedEvent[] | null {
    const { worlds, lookedAt } = this.world;
    const { events, first } = decision;
    const state = worlds.counterfactual(decision.stream, before);
    lookedAt();
    const outcome = decideAgain(decider, command, state, this.policies.counterfactual);
    const settings = lookedAt();
    if (!eventsDifference(events, outcome)) return null;
    if (eventsDifference(events, decideAgain(decider, command, before, this.policies.recorded))) {
      this.notReproducible += 1;
      return null;
    }
    const there = keepIds(events, outcome, first);
    this.note(decision, {
      kind: 'decision',
      counterfactual: wordedOutcome(outcome, there, events),
      ...this.because({ decider, command, why: settings.join(' and ') }, state, outcome),
    });
    return there;
  }

  /** The settings themselves, when the other state under the recorded settings would have come to something else than now. */
  private because({ decider, command, why }: Decided, state: unknown, outcome: Outcome) {
    const before = decideAgain(decider, command, state, this.policies.recorded);
    const bySetting = firstDifference(before, outcome) !== null;
    if (bySetting) return { why: `${why ?? 'the settings'} decides it`, follows: null };
    const follows = this.world.ledger.lastIn(command.stream);
    return { why: `it follows from ${follows ?? 'an earlier difference'}`, follows };
  }

  private note(
    { events, stream, first, command }: RecordedDecision,
    what: Pick<Parameters<Ledger['add']>[0], 'kind' | 'counterfactual' | 'why' | 'follows'>,
  ): void {
    const { position, recordedAt: at, metadata } = first;
    const about = { position, at, stream, workItem: workItemOf(events) ?? metadata.$correlationId };
    this.world.ledger.add({ ...about, command: command?.type ?? 'unknown', recorded: worded(events), ...what });
  }

  /** Both lines of jobs hear what happened in theirs. */
  private tellClaims(events: readonly RecordedEvent[], kept: readonly RecordedEvent[]): void {
    const { claims } = this.world;
    for (const event of events) {
      const there = kept.find(({ id }) => id === event.id);
      if (event.type === 'JobClaimed' && there) claims.claimed(event as RecordedEvent<JobClaimed>);
      claims.hearRecorded(event);
      if (there && event.type !== 'JobClaimed') claims.hear(there);
    }
    for (const event of kept) if (!events.some(({ id }) => id === event.id)) claims.hear(event);
  }

  /** What sagas did not do because nothing was to be done, and would have done. */
  private async reactTo(events: readonly RecordedEvent[], kept: readonly RecordedEvent[]): Promise<void> {
    for (const event of events) {
      if (!kept.includes(event)) continue;
      for (const reaction of this.reactions.computedFor(event, this.policies.recorded)) await this.perhaps(reaction);
    }
    const names = new Set(events.map(({ id }) => id));
    for (const event of kept) if (!names.has(event.id)) await this.follow(event);
  }

  private async perhaps({ command, saga }: Reaction): Promise<void> {
    const decider = this.nouns.of(command.stream);
    if (!decider || !TwoWorlds.isCarried(decider)) return;
    const was = await this.world.worlds.recordedNow(decider, command.stream, this.position);
    if (!changesNothing(decideAgain(decider, command, was, this.policies.recorded))) return;
    this.world.lookedAt();
    const state = await this.world.worlds.now(decider, command.stream, this.position);
    const outcome = decideAgain(decider, command, state, this.policies.counterfactual);
    if (changesNothing(outcome)) return;
    this.given.add(command.context.commandId);
    const why = `${this.world.lookedAt().join(', ') || 'an earlier difference'} lets ${saga} bring it about`;
    await this.onlyThere({ decider, command, why }, state, outcome);
  }

  private async onlyThere({ decider, command, why }: Decided, state: unknown, outcome: Outcome): Promise<void> {
    assert(outcome.kind === 'events', 'only events are carried on');
    const { commandId, at, actor, correlationId, causationId } = command.context;
    const metadata = { $correlationId: correlationId, $causationId: causationId, actor, schemaVersion: 1, commandId };
    const place = { stream: command.stream, revision: this.position, position: this.position + 0.5, recordedAt: at };
    const like = { ...place, id: '', type: '', data: {}, metadata };
    const events = asRecorded(outcome.events, like, (ordinal) => deriveId(command.stream, commandId, ordinal));
    if (why !== null) {
      this.world.ledger.add({
        ...{ kind: 'asked', position: null, at, stream: command.stream, command: command.type, recorded: ['nothing'] },
        ...{ workItem: workItemOf(events) ?? correlationId, counterfactual: worded(events), why },
        follows: this.world.ledger.lastIn(command.stream),
      });
    }
    if (TwoWorlds.isCarried(decider)) this.world.worlds.diverge(decider, state, events);
    for (const event of events) this.world.claims.hear(event);
    for (const event of events) await this.follow(event);
  }

  /** What comes of an event that only the other world has. */
  private async follow(event: RecordedEvent): Promise<void> {
    if (event.type === 'JobReaped') return this.planStop(event as RecordedEvent<JobReaped>);
    for (const { command, saga } of this.reactions.computedFor(event, this.policies.counterfactual)) {
      const decider = this.nouns.of(command.stream);
      if (!decider) continue;
      this.world.ledger.linkStreams(event.stream, command.stream);
      if (TwoWorlds.isCarried(decider)) await this.giveNow(command, `${saga} reacts to ${event.type}`);
      else if (decider.category === 'task') this.world.ledger.say(untold(command));
    }
  }

  /** Whoever stops a process takes as long as it took. */
  private planStop({ stream, data: { runId }, recordedAt, metadata, id }: RecordedEvent<JobReaped>): void {
    const atMs = fromIso(recordedAt) + this.world.runs.stopLatencyMs(runId);
    const context = {
      commandId: deriveId('what-if', id),
      ...{ at: toIso(atMs), actor: 'system', correlationId: metadata.$correlationId, causationId: id },
    };
    this.plan({ atMs, command: new ReportRunStopped(stream, { runId }, context), why: 'the reaped process is gone' });
  }
}

function untold({ type, context }: Command): string {
  return `What ${context.correlationId} would have come to after ${type}, which is not in the log.`;
}

function workItemOf(events: readonly RecordedEvent[]): string | null {
  const named = events.find(({ data }) => typeof (data as { workItem?: unknown }).workItem === 'string');
  return named ? (named.data as { workItem: string }).workItem : null;
}

/** What was recorded keeps its name in the other world; what is new there gets one of its own. */
function keepIds(recorded: readonly RecordedEvent[], outcome: Outcome, first: RecordedEvent): readonly RecordedEvent[] {
  if (outcome.kind !== 'events') return [];
  const left = [...recorded];
  const there = asRecorded(outcome.events, first, (ordinal) => deriveId('what-if', first.id, ordinal));
  return there.map((event) => {
    const same = left.findIndex(({ type, data }) => type === event.type && !firstDifference(data, event.data));
    const alike = same >= 0 ? same : left.findIndex(({ type }) => type === event.type);
    const [known] = alike >= 0 ? left.splice(alike, 1) : [];
    if (!known) return event;
    return same >= 0 ? known : { ...known, data: event.data };
  });
}

import type { JobClaimed } from '../../domain/job/events.js';
import type { Command } from '../../kernel/command.js';
import type { AnyDecider } from '../../kernel/decider.js';
import type { RecordedEvent } from '../../kernel/event.js';
import { deriveId } from '../../kernel/ids.js';
import { fromIso } from '../../kernel/time.js';
import { decideAgain, eventsDifference, firstDifference, type Outcome } from '../decisions/outcome.js';
import { commandOf, Nouns, type RecordedDecision } from '../decisions/recorded-decisions.js';
import { SagaReactions } from '../decisions/saga-reactions.js';
import { asRecorded, worded, wordedOutcome, type Ledger } from './ledger.js';
import { Looks, type BothPolicies } from './looks.js';
import { TwoWorlds } from './two-worlds.js';
import { Unrecorded, workItemOf, type Decided, type Stand, type WalkWorld } from './unrecorded.js';

/** Goes along the log and keeps a second course of events beside it. */
export class Walk {
  private readonly nouns = new Nouns();
  private readonly reactions = new SagaReactions();
  readonly looks = new Looks();
  private readonly stand: Stand;
  readonly unrecorded: Unrecorded;
  notReproducible = 0;

  constructor(
    private readonly world: WalkWorld,
    policies: BothPolicies,
  ) {
    this.stand = { policies, position: world.begin };
    this.unrecorded = new Unrecorded(world, this.stand, this.nouns, this.reactions);
  }

  use(policies: BothPolicies): void {
    this.stand.policies = policies;
  }

  async step(decision: RecordedDecision): Promise<void> {
    const { first, events } = decision;
    await this.unrecorded.passUntil(fromIso(first.recordedAt));
    this.stand.position = events.at(-1)?.position ?? first.position;
    const decider = this.nouns.of(decision.stream);
    const kept = decider ? await this.decide(decider, decision) : events;
    this.tellClaims(events, kept);
    for (const event of events) this.looks.hear(event);
    await this.reactTo(events, kept);
    this.world.claims.look();
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
    if (this.unrecorded.isGiven(decision.commandId) || this.unrecorded.isClosedEarly(command)) return true;
    const whyNot = this.looks.notAsked(decision, this.stand.policies);
    if (whyNot !== null) this.noteNotAsked(decision, whyNot);
    const lostCause = TwoWorlds.isCarried(decider) ? worlds.lostCauseOf(decision.first) : null;
    if (lostCause !== null) ledger.linkStreams(lostCause, decision.stream);
    return whyNot !== null || lostCause !== null;
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
    const outcome = decideAgain(decider, command, state, this.stand.policies.counterfactual);
    const settings = lookedAt();
    if (!eventsDifference(events, outcome)) return null;
    if (eventsDifference(events, decideAgain(decider, command, before, this.stand.policies.recorded))) {
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
    const before = decideAgain(decider, command, state, this.stand.policies.recorded);
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
      for (const reaction of this.reactions.computedFor(event, this.stand.policies.recorded))
        await this.unrecorded.perhaps(reaction);
    }
    const names = new Set(events.map(({ id }) => id));
    for (const event of kept) if (!names.has(event.id)) await this.unrecorded.follow(event);
  }
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

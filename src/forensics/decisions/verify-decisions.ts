import type { EventLog } from '../../event-log/event-log.js';
import type { Position, RecordedEvent } from '../../kernel/event.js';
import type { AnyDecider } from '../../kernel/decider.js';
import type { Policy } from '../../kernel/pipeline/policy.js';
import type { Saga } from '../../sagas/saga.js';
import { WHOLE_LOG } from '../pages.js';
import { changesNothing, decideAgain, eventsDifference, lostOrChanged, type Difference } from './outcome.js';
import { commandOf, decisionsOf, Nouns, type RecordedDecision } from './recorded-decisions.js';
import { SagaReactions, type Reaction } from './saga-reactions.js';
import { SettingsInForce } from './settings-in-force.js';
import { StreamStates } from './stream-states.js';

export type Finding =
  /** The same command, state and settings now come to something else. */
  | 'decision'
  /** The saga now gives another command for the same event. */
  | 'saga-command'
  /** A saga's command is in the log that no saga gives now. */
  | 'saga-unknown'
  /** The reaction would have changed something, later ones of the saga are through, and nothing of it is in the log. */
  | 'saga-lost'
  /** The saga cannot take the event. */
  | 'saga-fault';

export interface DecisionFinding {
  readonly kind: Finding;
  /** Of the decision; of a lost reaction, of the event that it belongs to. */
  readonly position: Position;
  readonly stream: string;
  readonly workItem: string;
  readonly at: string;
  readonly command: string;
  readonly saga: string | null;
  readonly difference: Difference | null;
}

export interface DecisionReport {
  readonly decisions: number;
  readonly reactions: number;
  /** Decisions whose command was not recorded, or whose stream nobody decides in: nothing can be said of them. */
  readonly passedOver: number;
  readonly findings: readonly DecisionFinding[];
  /** More were found than are kept. */
  readonly findingsTotal: number;
  /** Reactions to the newest events, of which nothing is in the log yet. */
  readonly open: readonly Reaction[];
  /** Whether the log says which settings were in force. */
  readonly settingsRecorded: boolean;
}

export interface VerifyDecisions {
  readonly policy: Policy;
  readonly deciders?: readonly AnyDecider[];
  readonly sagas?: readonly Saga[];
  readonly onProgress?: (position: Position) => void;
}

const FINDINGS_MAX = 200;

/** Decides everything again that was ever decided, and computes what every saga did because of it, in one walk along the log. */
export async function verifyDecisions(log: EventLog, options: VerifyDecisions): Promise<DecisionReport> {
  const settings = await SettingsInForce.after(log, WHOLE_LOG.after, options.policy);
  const walk = new Walk(new StreamStates(log), settings, options);
  for await (const page of decisionsOf(log, WHOLE_LOG)) {
    for (const decision of page) await walk.step(decision);
    const last = page.at(-1);
    if (last) options.onProgress?.(last.first.position);
  }
  return walk.report();
}

class Walk {
  private readonly nouns: Nouns;
  private readonly reactions: SagaReactions;
  private readonly findings: DecisionFinding[] = [];
  private findingsTotal = 0;
  private decisions = 0;
  private reacted = 0;
  private passedOver = 0;
  private position: Position = 0;

  constructor(
    private readonly states: StreamStates,
    private readonly settings: SettingsInForce,
    { deciders, sagas }: VerifyDecisions,
  ) {
    this.nouns = new Nouns(deciders);
    this.reactions = new SagaReactions(sagas);
  }

  async step(decision: RecordedDecision): Promise<void> {
    const decider = this.nouns.of(decision.stream);
    if (decider) await this.decideAgain(decider, decision);
    else this.passedOver += 1;
    this.compareWithSaga(decision);
    for (const event of decision.events) {
      this.settings.hear(event);
      for (const reaction of this.computedFor(event)) await this.expect(reaction);
    }
  }

  private computedFor(event: RecordedEvent): readonly Reaction[] {
    return this.reactions.computedFor(event, this.settings.policy, (saga, message) => {
      const { position, stream, recordedAt: at, metadata, type: command } = event;
      const about = { position, stream, workItem: metadata.$correlationId, at, command, saga };
      this.keep({ kind: 'saga-fault', ...about, difference: { path: '', recorded: command, computed: message } });
    });
  }

  report(): DecisionReport {
    const { decisions, reacted: reactions, passedOver, findings, findingsTotal } = this;
    const settingsRecorded = this.settings.areRecorded;
    return { decisions, reactions, passedOver, findings, findingsTotal, open: this.reactions.open, settingsRecorded };
  }

  private async decideAgain(decider: AnyDecider, decision: RecordedDecision): Promise<void> {
    const { stream, first, events } = decision;
    this.position = events.at(-1)?.position ?? first.position;
    const before = await this.states.before(decider, stream, first.revision);
    const command = commandOf(decision);
    if (command) {
      this.decisions += 1;
      const difference = eventsDifference(events, decideAgain(decider, command, before, this.settings.policy));
      if (difference) this.find('decision', decision, { difference, saga: null });
    } else this.passedOver += 1;
    this.states.advance(decider, before, events);
    await this.settleIn(stream);
  }

  /** What was waited for may have become needless. */
  private async settleIn(stream: string): Promise<void> {
    for (const reaction of this.reactions.unsettledIn(stream)) {
      if (await this.changesNothing(reaction)) this.reactions.settle(reaction);
    }
  }

  private compareWithSaga(decision: RecordedDecision): void {
    const { reaction, lost } = this.reactions.followed(decision.commandId);
    for (const one of lost) this.findLost(one);
    if (!reaction) {
      if (!decision.command || !this.reactions.isSaga(decision.first.metadata.actor)) return;
      return this.find('saga-unknown', decision, { saga: decision.first.metadata.actor, difference: null });
    }
    this.reacted += 1;
    const given = { stream: decision.stream, type: decision.command?.type, payload: decision.command?.payload };
    const { stream, type, payload } = reaction.command;
    const difference = lostOrChanged(given, { stream, type, payload });
    if (difference) this.find('saga-command', decision, { saga: reaction.saga, difference });
  }

  private async expect(reaction: Reaction): Promise<void> {
    this.reactions.expect({ ...reaction, settled: await this.changesNothing(reaction) });
  }

  private async changesNothing({ command }: Reaction): Promise<boolean> {
    const decider = this.nouns.of(command.stream);
    if (!decider) return true;
    const state = await this.states.now(decider, command.stream, this.position);
    return changesNothing(decideAgain(decider, command, state, this.settings.policy));
  }

  private find(
    kind: Finding,
    { stream, first, command }: RecordedDecision,
    what: Pick<DecisionFinding, 'saga' | 'difference'>,
  ): void {
    const { position, recordedAt: at, metadata } = first;
    const about = { position, stream, workItem: metadata.$correlationId, at };
    this.keep({ kind, ...about, command: command?.type ?? 'unknown', ...what });
  }

  private findLost({ saga, command, because }: Reaction): void {
    const { position, recordedAt: at, metadata } = because;
    const about = { position, stream: command.stream, workItem: metadata.$correlationId, at };
    this.keep({ kind: 'saga-lost', ...about, command: command.type, saga, difference: null });
  }

  private keep(finding: DecisionFinding): void {
    this.findingsTotal += 1;
    if (this.findings.length < FINDINGS_MAX) this.findings.push(finding);
  }
}

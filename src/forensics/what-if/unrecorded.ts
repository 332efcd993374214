import { CloseAdmission } from '../../domain/admission/commands.js';
import { ReportRunStopped } from '../../domain/job/commands.js';
import type { JobReaped } from '../../domain/job/events.js';
import { assert } from '../../kernel/assert.js';
import type { Command } from '../../kernel/command.js';
import type { AnyDecider } from '../../kernel/decider.js';
import type { Position, RecordedEvent } from '../../kernel/event.js';
import { deriveId } from '../../kernel/ids.js';
import { fromIso, toIso } from '../../kernel/time.js';
import type { BoardJob } from '../../queue/board.js';
import { changesNothing, decideAgain, type Outcome } from '../decisions/outcome.js';
import type { Nouns } from '../decisions/recorded-decisions.js';
import type { Reaction, SagaReactions } from '../decisions/saga-reactions.js';
import type { Claims } from './claims.js';
import { asRecorded, worded, type Ledger } from './ledger.js';
import type { BothPolicies } from './looks.js';
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

/** How far the walk has come, and which settings are in force there. */
export interface Stand {
  policies: BothPolicies;
  position: Position;
}

/** A command that nobody gave, and that would have been given. */
interface Planned {
  readonly atMs: number;
  readonly command: Command;
  readonly why: string;
}

export interface Decided {
  readonly decider: AnyDecider;
  readonly command: Command;
  readonly why: string | null;
}

/** What happens only in the other world: commands that nobody gave, and what comes of them. */
export class Unrecorded {
  private readonly planned: Planned[] = [];
  private readonly given = new Set<string>();
  private readonly closedEarly = new Set<number>();

  constructor(
    private readonly world: WalkWorld,
    private readonly stand: Readonly<Stand>,
    private readonly nouns: Nouns,
    private readonly reactions: SagaReactions,
  ) {}

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
    const state = await this.world.worlds.now(decider, command.stream, this.stand.position);
    const outcome = decideAgain(decider, command, state, this.stand.policies.counterfactual);
    if (!changesNothing(outcome)) await this.onlyThere({ decider, command, why }, state, outcome);
  }

  /** What is recorded later was given here already. */
  isGiven(commandId: string): boolean {
    return this.given.has(commandId);
  }

  isClosedEarly({ type, payload }: Command): boolean {
    return type === 'CloseAdmission' && this.closedEarly.delete((payload as CloseAdmission['payload']).jobId);
  }

  /** Given when it changes nothing in the record, and something here. */
  async perhaps({ command, saga }: Reaction): Promise<void> {
    const decider = this.nouns.of(command.stream);
    if (!decider || !TwoWorlds.isCarried(decider)) return;
    const was = await this.world.worlds.recordedNow(decider, command.stream, this.stand.position);
    if (!changesNothing(decideAgain(decider, command, was, this.stand.policies.recorded))) return;
    this.world.lookedAt();
    const state = await this.world.worlds.now(decider, command.stream, this.stand.position);
    const outcome = decideAgain(decider, command, state, this.stand.policies.counterfactual);
    if (changesNothing(outcome)) return;
    this.given.add(command.context.commandId);
    const why = `${this.world.lookedAt().join(', ') || 'an earlier difference'} lets ${saga} bring it about`;
    await this.onlyThere({ decider, command, why }, state, outcome);
  }

  private async onlyThere({ decider, command, why }: Decided, state: unknown, outcome: Outcome): Promise<void> {
    assert(outcome.kind === 'events', 'only events are carried on');
    const { commandId, at, actor, correlationId, causationId } = command.context;
    const metadata = { $correlationId: correlationId, $causationId: causationId, actor, schemaVersion: 1, commandId };
    const place = {
      stream: command.stream,
      revision: this.stand.position,
      position: this.stand.position + 0.5,
      recordedAt: at,
    };
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
  async follow(event: RecordedEvent): Promise<void> {
    if (event.type === 'JobReaped') return this.planStop(event as RecordedEvent<JobReaped>);
    for (const { command, saga } of this.reactions.computedFor(event, this.stand.policies.counterfactual)) {
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

export function workItemOf(events: readonly RecordedEvent[]): string | null {
  const named = events.find(({ data }) => typeof (data as { workItem?: unknown }).workItem === 'string');
  return named ? (named.data as { workItem: string }).workItem : null;
}

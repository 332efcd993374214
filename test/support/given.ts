import { expect } from '@jest/globals';
import type { Command, CommandContext } from '../../src/kernel/command.js';
import type { Decider } from '../../src/kernel/decider.js';
import type { DomainEvent, Recorded, RecordedEvent } from '../../src/kernel/event.js';
import type { Policy } from '../../src/kernel/pipeline/policy.js';
import { isRefused, Refused } from '../../src/kernel/refused.js';
import { toIso } from '../../src/kernel/time.js';
import { DEFAULT_POLICY } from './policy.js';

export const START_MS = Date.parse('2026-01-01T00:00:00.000Z');

/** `2026-01-01T00:00:00.000Z` and so many seconds. */
export function at(seconds: number): string {
  return toIso(START_MS + seconds * 1000);
}

export function commandContext(overrides: Partial<CommandContext> = {}): CommandContext {
  return {
    commandId: 'command-1',
    at: at(0),
    actor: 'system',
    correlationId: 'ET-001',
    causationId: null,
    ...overrides,
  };
}

type Payload<C extends Command> = C['payload'];
type Class<C extends Command> = new (stream: string, payload: Payload<C>, context: CommandContext) => C;

/** `wish(ClaimJob, {…})`: a command for a stream whose name does not matter. */
export function wish<C extends Command>(type: Class<C>, payload: Payload<C>, seconds = 0): C {
  return new type('stream-1', payload, commandContext({ at: at(seconds) }));
}

/** Plain facts as a log that holds nothing else would give them back. Positions start at 101, so that they never pass for revisions. */
export function record<E extends DomainEvent>(events: readonly E[], after = -1): readonly Recorded<E>[] {
  return events.map((event, index) => recordOne(event, after + 1 + index) as Recorded<E>);
}

function recordOne(event: DomainEvent, revision: number): RecordedEvent {
  return {
    ...event,
    id: `event-${revision}`,
    stream: 'stream-1',
    revision,
    position: 101 + revision,
    recordedAt: at(revision),
    metadata: {
      $correlationId: 'ET-001',
      $causationId: null,
      actor: 'system',
      schemaVersion: 1,
      commandId: `command-${revision}`,
    },
  };
}

/** One aggregate with its history: what the log holds, and what it folds to. */
export class History<C extends Command, E extends DomainEvent, S> {
  private constructor(
    private readonly decider: Decider<C, E, S>,
    readonly policy: Policy,
    readonly events: readonly Recorded<E>[],
    readonly state: S,
  ) {}

  static begin<C extends Command, E extends DomainEvent, S>(
    decider: Decider<C, E, S>,
    policy = DEFAULT_POLICY,
  ): History<C, E, S> {
    return new History(decider, policy, [], decider.initial);
  }

  and(...events: readonly E[]): History<C, E, S> {
    const recorded = record(events, this.events.length - 1);
    const state = recorded.reduce((folded, event) => this.decider.evolve(folded, event), this.state);
    return new History(this.decider, this.policy, [...this.events, ...recorded], state);
  }

  under(policy: Policy): History<C, E, S> {
    return new History(this.decider, policy, this.events, this.state);
  }

  decide(command: C): readonly E[] | Refused {
    return this.decider.decide(command, this.state, this.policy);
  }

  /** Decides and takes the answer over; a refusal leaves everything as it was. */
  after(command: C): History<C, E, S> {
    const decision = this.decide(command);
    return isRefused(decision) ? this : this.and(...decision);
  }

  afterAll(...commands: readonly C[]): History<C, E, S> {
    return commands.reduce<History<C, E, S>>((history, command) => history.after(command), this);
  }

  when(command: C): Outcome<C, E, S> {
    return new Outcome(this, command, this.decide(command));
  }

  /** The newest event of a type. */
  last<Type extends E['type']>(type: Type): Recorded<Extract<E, { type: Type }>> {
    const found = this.events.filter((event) => event.type === type).at(-1);
    if (!found)
      throw new Error(`The history has no ${type}, only ${this.events.map((event) => event.type).join(', ')}`);
    return found as unknown as Recorded<Extract<E, { type: Type }>>;
  }
}

/** What a command came to. */
export class Outcome<C extends Command, E extends DomainEvent, S> {
  constructor(
    private readonly before: History<C, E, S>,
    private readonly command: C,
    readonly decision: readonly E[] | Refused,
  ) {}

  get events(): readonly E[] {
    if (isRefused(this.decision)) throw new Error(`${this.command.type} was refused: ${this.decision.sentence}`);
    return this.decision;
  }

  get history(): History<C, E, S> {
    return this.before.and(...this.events);
  }

  then(...events: readonly E[]): void {
    expect(this.decision).toEqual(events);
  }

  /** Only the names of the facts, in their order. */
  thenTypes(...types: readonly E['type'][]): this {
    expect(this.events.map((event) => event.type)).toEqual(types);
    return this;
  }

  thenNothing(): void {
    expect(this.decision).toEqual([]);
  }

  thenRefused(code: string): void {
    expect(this.decision).toBeInstanceOf(Refused);
    expect((this.decision as Refused).code).toBe(code);
  }

  /** The same wish on what it led to: nothing is left to do. */
  thenNothingMore(): void {
    expect(this.history.decide(this.command)).toEqual([]);
  }
}

/** `given(jobDecider, queued, claimed).when(wish(CancelJob, …)).then(…)`. */
export function given<C extends Command, E extends DomainEvent, S>(
  decider: Decider<C, E, S>,
  ...past: readonly E[]
): History<C, E, S> {
  return History.begin(decider).and(...past);
}

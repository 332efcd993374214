import TinyQueue from 'tinyqueue';
import { Aggregates } from '../../../src/commands/aggregates.js';
import { DECIDERS } from '../../../src/commands/deciders.js';
import { Transact } from '../../../src/commands/transact.js';
import { InMemorySnapshots } from '../../../src/event-log/snapshots.js';
import type { Answer } from '../../../src/kernel/answer.js';
import type { Command, CommandContext } from '../../../src/kernel/command.js';
import type { AnyDecider, CommandClass } from '../../../src/kernel/decider.js';
import type { RecordedEvent } from '../../../src/kernel/event.js';
import { deriveId } from '../../../src/kernel/ids.js';
import type { Policy } from '../../../src/kernel/pipeline/policy.js';
import { toIso } from '../../../src/kernel/time.js';
import { commandsOf, type Saga } from '../../../src/sagas/saga.js';
import { SAGAS } from '../../../src/sagas/every-saga.js';
import { Random } from './random.js';
import { SimulatedLog, type Sink } from './simulated-log.js';

export type CommandType<C extends Command> = new (stream: string, payload: C['payload'], context: CommandContext) => C;

/** The event that asked for it; with what is said otherwise than of the event. */
export type Because = RecordedEvent | (Partial<CommandContext> & { readonly event: RecordedEvent });

interface Appointment {
  readonly atMs: number;
  readonly order: number;
  readonly keep: () => Promise<void> | void;
}

const STEP_MS_MAX = 12;

/**
 * The real deciders and sagas under a clock that jumps from one appointment to the next. What the world would do is made
 * up by those who listen; everything that is decided is decided by the product's own code.
 */
export class Simulation {
  readonly random: Random;
  readonly log: SimulatedLog;
  nowMs = Date.parse('2026-01-05T06:00:00.000Z');
  readonly #transact: Transact;
  readonly #agenda = new TinyQueue<Appointment>([], (a, b) => a.atMs - b.atMs || a.order - b.order);
  readonly #heard: RecordedEvent[] = [];
  readonly #listeners: ((event: RecordedEvent) => Promise<void> | void)[] = [];
  #made = 0;

  constructor(
    sink: Sink,
    seed: number,
    readonly policy: Policy,
  ) {
    this.random = new Random(seed);
    this.log = new SimulatedLog(
      sink,
      () => this.nowMs,
      (event) => this.#heard.push(event),
    );
    this.#transact = new Transact(this.log, new Aggregates(this.log, new InMemorySnapshots()), policy);
    this.#listeners.push((event) => this.#tellSagas(event));
  }

  onEvent(listener: (event: RecordedEvent) => Promise<void> | void): void {
    this.#listeners.push(listener);
  }

  /** A new id, the same in every run of the same seed. */
  id(what: string): string {
    this.#made += 1;
    return deriveId('simulation', what, this.#made);
  }

  after(seconds: number, keep: () => Promise<void> | void): void {
    this.#made += 1;
    this.#agenda.push({ atMs: this.nowMs + seconds * 1_000, order: this.#made, keep });
  }

  async execute(command: Command): Promise<Answer> {
    this.nowMs += this.random.whole(1, STEP_MS_MAX);
    const decider = DECIDER_OF.get(command.constructor as CommandClass);
    if (!decider) throw new Error(`Nobody decides ${command.type}`);
    return this.#transact.run(decider, command);
  }

  /** What an effect reports: the event that asked for it is the cause. */
  report<C extends Command>(
    because: Because,
    type: CommandType<C>,
    stream: string,
    payload: C['payload'],
  ): Promise<Answer> {
    const { event, ...given } = 'position' in because ? { event: because } : because;
    return this.execute(new type(stream, payload, { ...this.#contextOf(event, type.name), ...given }));
  }

  /** Somebody's own wish, without an event behind it. */
  wish<C extends Command>(
    type: CommandType<C>,
    stream: string,
    payload: C['payload'],
    by: { readonly actor: string; readonly correlationId: string },
  ): Promise<Answer> {
    const commandId = this.id(type.name);
    const context = { commandId, at: toIso(this.nowMs), causationId: null, ...by };
    return this.execute(new type(stream, payload, context));
  }

  /** Until the log is so long; what is under way then stays under way. */
  async run(eventsMin: number): Promise<void> {
    for (;;) {
      await this.#hear();
      if (this.log.head >= eventsMin) return;
      const next = this.#agenda.pop();
      if (!next) throw new Error(`Nothing happens any more after ${this.log.head} events`);
      this.nowMs = Math.max(this.nowMs, next.atMs);
      await next.keep();
    }
  }

  async #hear(): Promise<void> {
    while (this.#heard.length > 0) {
      for (const event of this.#heard.splice(0)) for (const listener of this.#listeners) await listener(event);
    }
  }

  async #tellSagas(event: RecordedEvent): Promise<void> {
    for (const saga of SAGAS_OF.get(event.type) ?? []) {
      for (const command of commandsOf(saga, event, this.policy)) await this.execute(command);
    }
  }

  #contextOf(cause: RecordedEvent, name: string): CommandContext {
    return {
      commandId: this.id(name),
      at: toIso(this.nowMs),
      actor: 'system',
      correlationId: cause.metadata.$correlationId,
      causationId: cause.id,
    };
  }
}

const DECIDER_OF: ReadonlyMap<CommandClass, AnyDecider> = new Map(
  DECIDERS.flatMap((decider) => decider.commands.map((command) => [command, decider] as const)),
);

const SAGAS_OF: ReadonlyMap<string, readonly Saga[]> = new Map(
  [...new Set(SAGAS.flatMap(({ types }) => types))].map((type) => [
    type,
    SAGAS.filter(({ types }) => types.includes(type)),
  ]),
);

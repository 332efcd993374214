import type { Command } from './command.js';
import type { DomainEvent, Recorded } from './event.js';
import type { Policy } from './pipeline/policy.js';
import type { Refused } from './refused.js';

/** The class of a command, as dispatch needs it. */
export type CommandClass<C extends Command = Command> = new (
  stream: string,
  payload: never,
  context: C['context'],
) => C;

/**
 * One aggregate: pure, synchronous, total, deterministic. What is already so answers `[]`.
 * `category` is the part of the stream name before the first `-`.
 */
export interface Decider<C extends Command, E extends DomainEvent, State> {
  readonly category: string;
  readonly commands: readonly CommandClass<C>[];
  /** Every event type with its current schema version. */
  readonly events: Readonly<Record<E['type'], number>>;
  readonly initial: State;
  evolve(state: State, event: Recorded<E>): State;
  decide(command: C, state: State, policy: Policy): readonly E[] | Refused;
}

/** A decider whose type parameters are of no interest to the caller. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a heterogeneous list of deciders has no narrower type
export type AnyDecider = Decider<any, any, any>;

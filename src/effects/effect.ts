import type { Command, CommandContext, StreamPin } from '../kernel/command.js';
import type { DomainEvent, RecordedEvent } from '../kernel/event.js';

/**
 * What a crash between act and outcome means: `keyed` repeats with the same key, `conditional` repeats and looks on a mismatch,
 * `probeable` looks first, `blind` is never repeated by itself.
 */
export type EffectClass = 'keyed' | 'conditional' | 'probeable' | 'blind';

export interface Effect<E extends DomainEvent = DomainEvent> {
  readonly intent: E['type'];
  readonly effectClass: EffectClass;
  /** Effects of one lane are done one after the other, in the order they were asked for. */
  lane(event: RecordedEvent<E>): string;
  /** Thrown errors are tried again with back-off; a final "no" is an outcome and is reported. */
  act(event: RecordedEvent<E>, outcome: Outcome, signal: AbortSignal): Promise<void>;
}

/** An effect whose event type is of no interest to the caller. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a heterogeneous list of effects has no narrower type
export type AnyEffect = Effect<any>;

type CommandType<C extends Command> = new (
  stream: string,
  payload: C['payload'],
  context: CommandContext,
  pins?: readonly StreamPin[],
) => C;

export interface OutcomeContext extends Partial<CommandContext> {
  /** Tells several reports of one type apart. */
  readonly key?: string;
  /** The outcome counts only while these streams are where they were seen. */
  readonly pins?: readonly StreamPin[];
}

/** A stream that the outcome relied on has moved on; nothing was recorded. */
export class OutcomeOvertaken extends Error {
  constructor(outcome: string, stream: string, what: string) {
    super(`${outcome} for ${stream} changed nothing: ${what}`);
    this.name = 'OutcomeOvertaken';
  }
}

/** The one way back: an effect reports what became of it as a command. Repeating a report changes nothing. */
export interface Outcome {
  report<C extends Command>(
    type: CommandType<C>,
    stream: string,
    payload: C['payload'],
    context?: OutcomeContext,
  ): Promise<void>;
}

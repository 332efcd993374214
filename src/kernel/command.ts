/** Everything that a decision may know besides state: who asks, when, and because of what. */
export interface CommandContext {
  /** The same id given twice is the same command: the second changes nothing. */
  readonly commandId: string;
  /** UTC, ISO-8601 with milliseconds, from the one clock. */
  readonly at: string;
  readonly actor: string;
  readonly correlationId: string;
  readonly causationId: string | null;
}

/** A stream that the decision relies on without writing it: it has to be at this revision still. */
export interface StreamPin {
  readonly stream: string;
  readonly expected: number;
}

/** A wish. Each concrete class is decided by exactly one decider. */
export abstract class Command<Payload extends object = object> {
  abstract readonly type: string;

  constructor(
    readonly stream: string,
    readonly payload: Payload,
    readonly context: CommandContext,
    /** When one of these has moved, the answer is the refusal `moved`, and nothing was decided. */
    readonly pins: readonly StreamPin[] = [],
  ) {}
}

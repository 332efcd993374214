import type { NewEvent, Position, RecordedEvent, Revision } from '../kernel/event.js';

/** What the writer believes of a stream: the revision of its last event, or that it does not exist. There is no "any". */
export type Expected = Revision | 'no-stream';

export interface StreamWrite {
  readonly stream: string;
  readonly expected: Expected;
  readonly events: readonly NewEvent[];
}

/** A condition on a stream that is not written. */
export interface StreamCheck {
  readonly stream: string;
  readonly expected: Expected;
}

export interface AppendedStream {
  readonly stream: string;
  /** Revision of the last event written. */
  readonly revision: Revision;
  /** One per event, ascending; of a repeated append the original ones. */
  readonly positions: readonly Position[];
}

export interface EventFilter {
  readonly types?: readonly string[];
  /** `job-` matches every job's stream. */
  readonly streamPrefix?: string;
  readonly correlationId?: string;
  /** Only what names this event as its cause. No index helps: it reads everything in its range. */
  readonly causationId?: string;
}

/** What of an event is read. */
export interface EventParts {
  /** The decided commands may be missing from the metadata: whoever folds rows does not look at them, and they are half of the text. */
  readonly withoutCommands?: boolean;
}

export interface ReadAll extends EventFilter, EventParts {
  /** Exclusive; 0 = from the beginning. Backwards: events before it, absent = from the end. */
  readonly after?: Position;
  readonly direction?: 'forwards' | 'backwards';
  /** Page size, at most 1 000, which is also the default. */
  readonly limit?: number;
}

export interface ReadStream {
  /** Exclusive; absent = from the beginning, or backwards from the end. */
  readonly after?: Revision;
  readonly direction?: 'forwards' | 'backwards';
  readonly limit?: number;
}

export interface Follow extends EventFilter, EventParts {
  readonly after: Position;
  /** Ends the iteration; no error is thrown. */
  readonly signal: AbortSignal;
}

/** What a follower is given: never empty of meaning. `position` is safe to keep as a checkpoint once the page is handled. */
export interface FollowedPage {
  readonly events: readonly RecordedEvent[];
  /** Everything up to here has been seen, also when nothing matched the filter. */
  readonly position: Position;
  /** No further event was in the log when the page was read. */
  readonly caughtUp: boolean;
}

export const EVENT_LOG = Symbol('EventLog');

/**
 * The append-only log. Both facts and their order are decided here and nowhere else.
 * Semantics of a repeated append are those of KurrentDB with an expected revision ("strong idempotency"): the same ids at
 * the expected place answer with the original positions; a partial match is `CorruptedIdempotency`; anything else
 * that is not at the expected revision is `VersionConflict`.
 */
export interface EventLog {
  /** Names this log; a checkpoint of another log is refused. */
  readonly logId: string;

  /** Absent: 1. An excerpt has everything from here on, and of what was before only what belongs to it. */
  readonly wholeFrom?: Position;

  /** About how far the positions of two neighbours lie apart, where they are places in a store and no numbers. Absent: 1. */
  readonly stride?: number;

  /** All or nothing. Throws `VersionConflict`, `CorruptedIdempotency`, `EventTooLarge`, `LogUnavailable`. */
  append(writes: readonly StreamWrite[], checks?: readonly StreamCheck[]): Promise<readonly AppendedStream[]>;

  /** One page; shorter than `limit` only at the end. An unknown stream is an empty page. */
  readStream(stream: string, options?: ReadStream): Promise<readonly RecordedEvent[]>;

  readAll(options?: ReadAll): Promise<readonly RecordedEvent[]>;

  /** Null when no event has this id. */
  readEvent(id: string): Promise<RecordedEvent | null>;

  /** Catch-up, then live, in order, without gap or double; sees what other processes append. */
  follow(options: Follow): AsyncIterable<FollowedPage>;

  /** Position of the newest event, 0 for an empty log. */
  head(): Promise<Position>;

  close(): Promise<void>;
}

import type { RecordedEvent } from '../../kernel/event.js';

export type Key = string | number;

/** What a column can hold. A flag is 0 or 1, a list is its JSON. */
export type Cell = string | number | null;

/**
 * One table, folded from events by pure functions. `apply` gives the row as it is after the event; `undefined` before means
 * that there is none yet, `undefined` after removes it. The same events always give the same rows.
 */
export interface ReadModel<Row extends object> {
  readonly table: string;
  readonly key: keyof Row & string;
  /** Raised when the rules change, so that rows folded by the old rules are built again. */
  readonly version: number;
  readonly listensTo: readonly string[];
  keysOf(event: RecordedEvent): readonly Key[];
  apply(row: Row | undefined, event: RecordedEvent, key: Key): Row | undefined;
}

/** A read model whose row type is of no interest to the caller. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a heterogeneous list of read models has no narrower type
export type AnyReadModel = ReadModel<any>;

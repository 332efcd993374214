/** An integer, strictly increasing over the whole log: one total order. */
export type Position = number;

/** Index of an event in its stream, from 0. */
export type Revision = number;

/** What a decider returns: the name of a fact and the fact itself. */
export interface DomainEvent<Type extends string = string, Data extends object = object> {
  readonly type: Type;
  readonly data: Data;
}

export interface EventMetadata {
  /** The work item that the event belongs to, or the stream where no item is known yet. */
  readonly $correlationId: string;
  /** Id of the event, or of the request, that was directly handled. */
  readonly $causationId: string | null;
  /** `plane:<user>`, `gitea:<user>`, `operator:<name>`, `policy:<name>`, `agent:<role>` or `system`. */
  readonly actor: string;
  readonly schemaVersion: number;
  /** Id of the command that was decided; every event of one decision carries the same. */
  readonly commandId: string;
  /** The decided command; on the first event of a decision only. */
  readonly command?: { readonly type: string; readonly at: string; readonly payload: object };
  /** Its position where it was recorded first; only in a log that was copied from another one. */
  readonly number?: Position;
}

/** An event on its way to the log. The same `id` appended again at the same place is the same event. */
export interface NewEvent<E extends DomainEvent = DomainEvent> {
  readonly id: string;
  readonly type: E['type'];
  readonly data: E['data'];
  readonly metadata: EventMetadata;
}

/** An event as the log gives it back. */
export interface RecordedEvent<E extends DomainEvent = DomainEvent> extends NewEvent<E> {
  readonly position: Position;
  readonly stream: string;
  readonly revision: Revision;
  /** UTC, ISO-8601 with milliseconds; when the log took it. */
  readonly recordedAt: string;
}

/** What tasks, jobs, deploys and watches that begin with this event are named by: the same in every copy of the log (ADR 1). */
export function numberOf({ position, metadata }: Pick<RecordedEvent, 'position' | 'metadata'>): number {
  return metadata.number ?? position;
}

/** The recorded form of every member of a union of events, so that a switch on `type` narrows `data`. */
export type Recorded<E extends DomainEvent> = E extends DomainEvent ? RecordedEvent<E> : never;

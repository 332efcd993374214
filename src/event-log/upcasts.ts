import type { RecordedEvent } from '../kernel/event.js';

/** The data of an event as one schema version wrote it, made into that of the next version. Pure. */
export type Upcast = (data: object, event: RecordedEvent) => object;

/** By event type, then by the schema version that the upcast starts from. */
export type Upcasts = Readonly<Record<string, Readonly<Record<number, Upcast>>>>;

/** Every type is still at its first schema version. */
export const UPCASTS: Upcasts = {};

/** The event in the newest form that the table leads to. An unknown type, or a version without an upcast, passes as it is. */
export function upcast(event: RecordedEvent, upcasts: Upcasts = UPCASTS): RecordedEvent {
  const chain = Object.hasOwn(upcasts, event.type) ? upcasts[event.type] : undefined;
  return chain ? climb(event, chain) : event;
}

function climb(event: RecordedEvent, chain: Readonly<Record<number, Upcast>>): RecordedEvent {
  const { schemaVersion } = event.metadata;
  const step = chain[schemaVersion];
  if (!step) return event;
  const metadata = { ...event.metadata, schemaVersion: schemaVersion + 1 };
  return climb({ ...event, data: step(event.data, event), metadata }, chain);
}

import type { RecordedEvent } from '../kernel/event.js';
import type { EventFilter } from './event-log.js';

/** The largest page that a log gives out, and the one that it gives when no size is named. */
export const PAGE_SIZE_MAX = 1_000;

export function pageSize(limit: number | undefined): number {
  return Math.min(limit ?? PAGE_SIZE_MAX, PAGE_SIZE_MAX);
}

/** For adapters whose store cannot filter by itself. */
export function matches(filter: EventFilter, event: RecordedEvent): boolean {
  const { types, streamPrefix, correlationId, causationId } = filter;
  if (types && !types.includes(event.type)) return false;
  if (streamPrefix !== undefined && !event.stream.startsWith(streamPrefix)) return false;
  if (causationId !== undefined && event.metadata.$causationId !== causationId) return false;
  return correlationId === undefined || event.metadata.$correlationId === correlationId;
}

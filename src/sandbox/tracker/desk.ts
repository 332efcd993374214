import type { JsonState } from '../json-state.js';
import type { TrackerOutbox } from './webhooks/outbox.js';
import type { TrackerState } from './state.js';

/** What the routes work on. */
export interface TrackerDesk {
  readonly state: JsonState<TrackerState>;
  readonly outbox: TrackerOutbox;
  /** The background task that writes the history has come as far as this stamp. */
  readonly history: { until: number };
}

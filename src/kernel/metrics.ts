export const METRICS = Symbol('Metrics');

/** A figure that is read when somebody asks for the metrics. */
export interface Measure {
  readonly name: string;
  readonly help: string;
  readonly read: () => Promise<number> | number;
}

/** What a scraper is given. */
export interface Metrics {
  readonly contentType: string;
  text(): Promise<string>;
  /** Once per name, by whoever knows the figure. */
  watch(measure: Measure): void;
}

export const WEBHOOK_COUNTERS = Symbol('WebhookCounters');

/** `refused`: not authentic or not readable, so nothing but this count remains of it. */
export type WebhookResult = 'accepted' | 'declined' | 'refused';

export interface WebhookCounters {
  count(source: 'plane' | 'gitea', result: WebhookResult): void;
}

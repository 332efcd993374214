import type { ChangeNoticed, SourceEvent, SourceName } from '../../domain/source/events.js';
import type { Recorded } from '../../kernel/event.js';
import type { ReadModel } from '../engine/read-model.js';

/** How well the webhooks of one source work: what they told in time, and what a poll found first. */
export type WebhookSourceRow = {
  readonly source: SourceName;
  readonly told_total: number;
  /** Of how many the delay is known; the sums are over these. */
  readonly told_timed: number;
  readonly told_delay_ms: number;
  readonly told_delay_ms_max: number;
  readonly found_total: number;
  readonly found_timed: number;
  readonly found_delay_ms: number;
  readonly found_delay_ms_max: number;
  /** Set while polls find what no webhook tells of. */
  readonly silent_since: string | null;
};

export const webhookSources: ReadModel<WebhookSourceRow> = {
  table: 'webhook_sources',
  key: 'source',
  version: 1,
  listensTo: ['ChangeNoticed', 'WebhooksMissed', 'WebhooksHeard'],
  keysOf: (event) => [(event as Recorded<SourceEvent>).data.source],
  apply: (row, event) => changed(row, event as Recorded<SourceEvent>),
};

function changed(row: WebhookSourceRow | undefined, { type, data }: Recorded<SourceEvent>): WebhookSourceRow {
  const before = row ?? nothingFrom(data.source);
  switch (type) {
    case 'ChangeNoticed':
      return { ...before, ...(data.via === 'webhook' ? told(before, data) : found(before, data)) };
    case 'WebhooksMissed':
      return { ...before, silent_since: data.since };
    case 'WebhooksHeard':
      return { ...before, silent_since: null };
  }
}

export function nothingFrom(source: SourceName): WebhookSourceRow {
  const told = { told_total: 0, told_timed: 0, told_delay_ms: 0, told_delay_ms_max: 0 };
  const found = { found_total: 0, found_timed: 0, found_delay_ms: 0, found_delay_ms_max: 0 };
  return { source, ...told, ...found, silent_since: null };
}

function told(row: WebhookSourceRow, { delayMs }: ChangeNoticed['data']): Partial<WebhookSourceRow> {
  return {
    told_total: row.told_total + 1,
    told_timed: row.told_timed + (delayMs === null ? 0 : 1),
    told_delay_ms: row.told_delay_ms + (delayMs ?? 0),
    told_delay_ms_max: Math.max(row.told_delay_ms_max, delayMs ?? 0),
  };
}

function found(row: WebhookSourceRow, { delayMs }: ChangeNoticed['data']): Partial<WebhookSourceRow> {
  return {
    found_total: row.found_total + 1,
    found_timed: row.found_timed + (delayMs === null ? 0 : 1),
    found_delay_ms: row.found_delay_ms + (delayMs ?? 0),
    found_delay_ms_max: Math.max(row.found_delay_ms_max, delayMs ?? 0),
  };
}

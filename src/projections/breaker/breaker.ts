import type { BreakerEvent } from '../../domain/breaker/events.js';
import type { Recorded } from '../../kernel/event.js';
import type { ReadModel } from '../engine/read-model.js';

/** Whether agents may be started, as far as whoever is behind them answers; one row, once something failed. */
export type BreakerRow = {
  readonly id: 'agents';
  readonly consecutive_failures: number;
  /** Null: closed. */
  readonly open_until: string | null;
  /** When it was opened first; a job that was claimed later is a probe. */
  readonly opened_at: string | null;
  readonly opened_position: number | null;
  readonly parked_until: string | null;
  readonly parked_at: string | null;
  readonly parked_position: number | null;
  readonly reason: string | null;
};

const CLOSED: BreakerRow = {
  ...{ id: 'agents', consecutive_failures: 0, reason: null },
  ...{ open_until: null, opened_at: null, opened_position: null },
  ...{ parked_until: null, parked_at: null, parked_position: null },
};

export const breaker: ReadModel<BreakerRow> = {
  table: 'breaker',
  key: 'id',
  version: 1,
  listensTo: ['AgentFailureCounted', 'BreakerOpened', 'AgentsParked', 'BreakerClosed'],
  keysOf: () => ['agents'],
  apply: (row, event) => changed(row ?? CLOSED, event as Recorded<BreakerEvent>),
};

function changed(row: BreakerRow, { type, data, recordedAt, position }: Recorded<BreakerEvent>): BreakerRow {
  switch (type) {
    case 'AgentFailureCounted':
      return { ...row, consecutive_failures: data.consecutive, reason: data.reason };
    case 'BreakerOpened':
      return {
        ...{ ...row, open_until: data.until, reason: data.reason },
        ...{ opened_at: row.opened_at ?? recordedAt, opened_position: row.opened_position ?? position },
      };
    case 'AgentsParked':
      return {
        ...{ ...row, parked_until: data.until, parked_at: recordedAt, parked_position: position, reason: data.reason },
      };
    case 'BreakerClosed':
      return { ...row, consecutive_failures: 0, open_until: null, opened_at: null, opened_position: null };
  }
}

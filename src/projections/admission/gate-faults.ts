import type { GatePartFailed, GatePartName, GatePartRecovered } from '../../domain/admission/events.js';
import type { RecordedEvent } from '../../kernel/event.js';
import type { ReadModel } from '../engine/read-model.js';

/** A part of a repository's gate that cannot answer (AMB-18). */
export type GateFaultRow = {
  readonly id: string;
  readonly position: number;
  readonly repo: string;
  readonly part: GatePartName;
  readonly direction: 'opens' | 'holds';
  readonly error: string;
  readonly since: string;
};

type Heard = RecordedEvent<GatePartFailed> | RecordedEvent<GatePartRecovered>;

export const gateFaults: ReadModel<GateFaultRow> = {
  table: 'gate_faults',
  key: 'id',
  version: 1,
  listensTo: ['GatePartFailed', 'GatePartRecovered'],
  keysOf: (event) => [idOf((event as Heard).data)],
  apply: (_row, event) =>
    event.type === 'GatePartFailed' ? failing(event as RecordedEvent<GatePartFailed>) : undefined,
};

function failing({ data, position, recordedAt: since }: RecordedEvent<GatePartFailed>): GateFaultRow {
  const { repo, part, direction, error } = data;
  return { id: idOf(data), position, repo, part, direction, error, since };
}

function idOf({ repo, part }: { readonly repo: string; readonly part: string }): string {
  return `${repo} ${part}`;
}

import type { AdmissionEvent, GatePartName } from './events.js';
import type { GateFault } from './serial-gate.js';
import type { AdmissionState } from './state.js';

/** AMB-18: a part of the gate that fails is said once, and once more when it answers again; a single failure does not hide among the others. */
export function faultNews(repo: string, found: readonly GateFault[], state: AdmissionState): readonly AdmissionEvent[] {
  const known = state.faults ?? [];
  const failing = new Map(found.map((fault) => [fault.part, fault]));
  const fresh = [...failing.values()].filter(({ part }) => !known.includes(part));
  return [
    ...fresh.map((fault): AdmissionEvent => ({ type: 'GatePartFailed', data: { repo, ...fault } })),
    ...known.filter((part) => !failing.has(part)).map((part) => recovered(repo, part)),
  ];
}

function recovered(repo: string, part: GatePartName): AdmissionEvent {
  return { type: 'GatePartRecovered', data: { repo, part } };
}

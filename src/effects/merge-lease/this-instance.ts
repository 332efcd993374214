import { randomUUID } from 'node:crypto';
import type { LeaseInstance } from '../../domain/merge-lease/events.js';
import { identify, isAlive, type Liveness } from '../../queue/supervisor/process-identity.js';

/** Of the orchestrator's process, not of an agent's (MG-03). */
export function thisInstance(): LeaseInstance {
  const identity = identify(process.pid);
  const { startTicks = null, bootId = null } = identity ?? {};
  return { id: randomUUID(), pid: process.pid, startTicks, bootId };
}

/** Another process with the same pid is not the one that was granted the lease (MG-27). */
export function livenessOf({ pid, startTicks, bootId }: Omit<LeaseInstance, 'id'>): Liveness {
  const known = { ...(startTicks === null ? {} : { startTicks }), ...(bootId === null ? {} : { bootId }) };
  return isAlive({ pid, ...known });
}

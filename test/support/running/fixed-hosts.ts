import type { Host } from '../../../src/queue/hosts/host-with-room.js';

/** Hosts that neither come nor go. */
export function fixedHosts(...reachable: readonly Host[]) {
  return { reachable, start: (): void => undefined, stop: (): Promise<void> => Promise.resolve() };
}

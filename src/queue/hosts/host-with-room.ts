/** Where agents can run. */
export interface Host {
  /** Of the orchestrator there, as a claim names it. */
  readonly name: string;
  readonly slots: number;
}

/** The one with the most free slots; of two, the one that was named first. Null: every slot is taken. */
export function hostWithRoom(hosts: readonly Host[], runningOn: (name: string) => number): Host | null {
  let best: Host | null = null;
  let mostFree = 0;
  for (const host of hosts) {
    const free = host.slots - runningOn(host.name);
    if (free > mostFree) [best, mostFree] = [host, free];
  }
  return best;
}

import type { Edge } from './commands.js';
import type { AdmissionState } from './state.js';

/** Actor of what the tracker's relations say; its interface does not tell who drew them. */
export const BY_RELATION = 'plane:relations';

/** Who waits for whom, of the tasks of one repository; what has ended holds nobody. */
export function edgesOf(state: AdmissionState): readonly Edge[] {
  return state.tasks.flatMap((task) =>
    task.dependsOn.filter(({ ended }) => !ended).map(({ workItem }) => ({ from: task.workItem, to: workItem })),
  );
}

/** The way from `start` to `end` along the edges, both included, or null. */
export function pathBetween(start: string, end: string, edges: readonly Edge[]): readonly string[] | null {
  const ways = new Map<string, readonly string[]>([[start, [start]]]);
  for (const [place, way] of ways) {
    if (place === end) return way;
    for (const { from, to } of edges) if (from === place && !ways.has(to)) ways.set(to, [...way, to]);
  }
  return null;
}

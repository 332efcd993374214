import type { BackgroundStats } from '../../kernel/background-stats.js';
import { toIso } from '../../kernel/time.js';
import type { ReadModels } from '../engine/read-models.js';

/** Of `/queue` and, without the hosts, of `/health`. */
export interface LeadershipBlock {
  /** Whether it is the one that answers. */
  readonly leads: boolean;
  readonly holder: string | null;
  readonly term: number | null;
  readonly since: string | null;
  /** When it is over unless something more is heard. */
  readonly until: string | null;
}

export interface HostBlock {
  readonly name: string;
  readonly slots: number;
  readonly running: number;
}

export function leadershipBlock({ lead, leadHeldMs }: BackgroundStats, nowMs: number): LeadershipBlock {
  const heldMs = leadHeldMs();
  const until = lead === null || heldMs === null ? null : toIso(nowMs + heldMs);
  const { isOurs = false, holder = null, term = null, since = null } = lead ?? {};
  return { leads: isOurs, holder, term, since, until };
}

/** Where jobs can go, and where they run: also on a host that has fallen silent. */
export async function hostBlocks(models: ReadModels, { hosts }: BackgroundStats): Promise<readonly HostBlock[]> {
  const sql =
    "SELECT worker AS name, count(*) AS running FROM jobs WHERE status = 'running' AND worker IS NOT NULL GROUP BY worker";
  const running = new Map((await models.all<HostBlock>(sql)).map((row) => [row.name, row.running]));
  const slots = new Map(hosts().map((host) => [host.name, host.slots]));
  const names = [...new Set([...slots.keys(), ...running.keys()])];
  return names.map((name) => ({ name, slots: slots.get(name) ?? 0, running: running.get(name) ?? 0 }));
}

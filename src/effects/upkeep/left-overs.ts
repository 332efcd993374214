import { Logger } from '@nestjs/common';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Worktrees } from '../../integrations/worktrees.js';
import type { Projector } from '../../projections/engine/projector.js';
import type { Work } from '../../projections/work.js';
import type { Supervisor } from '../../queue/supervisor/supervisor.js';
import type { Chore } from './upkeep.js';

export interface LeftOversWorld {
  readonly projector: Pick<Projector, 'lag'>;
  readonly work: Pick<Work, 'unfinishedRuns' | 'unfinishedTasks'>;
  readonly supervisor: Pick<Supervisor, 'inspect' | 'stop'>;
  readonly worktrees: Pick<Worktrees, 'remove'>;
  readonly leadership: { readonly leads: boolean };
  readonly dataDir: string;
  readonly worktreesDir: string;
  readonly repos: readonly string[];
}

const LOOK_EVERY_MS = 10 * 60_000;

/**
 * What is left on this host of attempts that were given up and of tasks that have ended elsewhere. The folder is always read before the rows: what
 * is in it was known to the rows before it came to be.
 */
export class LeftOvers implements Chore {
  readonly everyMs = LOOK_EVERY_MS;
  private readonly logger = new Logger('upkeep');

  constructor(private readonly world: LeftOversWorld) {}

  async look(): Promise<void> {
    await this.stopRuns();
    // Whoever leads gives worktrees back with the end of each task, and may need one once more for its logs.
    if (this.world.leadership.leads) return;
    for (const repo of this.world.repos) await this.removeWorktrees(repo);
  }

  private async stopRuns(): Promise<void> {
    const { dataDir, supervisor, work } = this.world;
    const folder = join(dataDir, 'runs');
    const names = (await readdir(folder).catch(() => [])).filter((name) => !name.startsWith('deploy-'));
    if (!(await this.rowsAreComplete())) return;
    const wanted = new Set(await work.unfinishedRuns());
    for (const name of names.filter((other) => !wanted.has(other))) {
      const { state } = await supervisor.inspect(join(folder, name));
      if (state !== 'running' && state !== 'starting') continue;
      this.logger.warn(`The run ${name} is stopped: its attempt is over`);
      await supervisor.stop(join(folder, name), 'its attempt is over');
    }
  }

  private async removeWorktrees(repo: string): Promise<void> {
    const { worktreesDir, worktrees, work } = this.world;
    const names = (await readdir(join(worktreesDir, repo)).catch(() => [])).filter((name) => !name.startsWith('.'));
    if (!(await this.rowsAreComplete())) return;
    const unfinished = new Set((await work.unfinishedTasks()).map((task) => task.work_item_id));
    for (const workItem of names.filter((name) => !unfinished.has(name)))
      await worktrees.remove({ repo, workItem, branch: '' });
  }

  /** Rows that are only being built say of everything that it is not wanted. */
  private async rowsAreComplete(): Promise<boolean> {
    return (await this.world.projector.lag()).caughtUp;
  }
}

import { Logger } from '@nestjs/common';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../kernel/clock.js';
import { fromIso } from '../../kernel/time.js';
import type { Work } from '../../projections/work.js';
import type { Supervisor } from '../../queue/supervisor/supervisor.js';
import type { Chore } from './upkeep.js';

export interface RetentionWorld {
  readonly clock: Clock;
  readonly work: Pick<Work, 'unfinishedRuns'>;
  readonly supervisor: Pick<Supervisor, 'inspect'>;
  readonly dataDir: string;
  readonly days: number;
}

const DAY_MS = 24 * 3_600_000;

/**
 * Removes the folders of runs that ended long ago (UNK-22). One that somebody has still to read, however old, stays: after
 * weeks without the service its exit record is all that is known of the run.
 */
export class RunRetention implements Chore {
  readonly everyMs = DAY_MS;
  private readonly logger = new Logger('upkeep');

  constructor(private readonly world: RetentionWorld) {}

  async look(): Promise<void> {
    const runs = join(this.world.dataDir, 'runs');
    const wanted = new Set(await this.world.work.unfinishedRuns());
    let removed = 0;
    for (const name of await readdir(runs).catch(() => [])) {
      if (!wanted.has(name) && (await this.isRemoved(join(runs, name)))) removed += 1;
    }
    if (removed > 0) this.logger.log(`${removed} run folder(s) older than ${this.world.days} days removed`);
  }

  private async isRemoved(path: string): Promise<boolean> {
    try {
      const endedAt = await this.endOf(path);
      if (endedAt === null || this.world.clock.now() - endedAt <= this.world.days * DAY_MS) return false;
      await rm(path, { recursive: true, force: true });
      return true;
    } catch (error) {
      this.logger.warn(`The run folder ${path} is kept: ${(error as Error).message}`);
      return false;
    }
  }

  /** Null while anything of it may be alive. Without a record of its end a run is as old as its youngest file. */
  private async endOf(path: string): Promise<number | null> {
    const found = await this.world.supervisor.inspect(path);
    if (found.state === 'ended') return fromIso(found.exit.endedAt);
    return found.state === 'running' || found.state === 'starting' ? null : youngestIn(path);
  }
}

async function youngestIn(path: string): Promise<number> {
  const names = await readdir(path);
  const times = await Promise.all([path, ...names.map((name) => join(path, name))].map(async (file) => stat(file)));
  return Math.max(...times.map(({ mtimeMs }) => mtimeMs));
}

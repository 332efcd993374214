import { join } from 'node:path';
import type { RunEvidence } from '../../domain/job/judge.js';
import { runDirectoryOf } from '../supervisor/run-directory.js';
import type { Inspection, Supervisor } from '../supervisor/supervisor.js';

/** Looks at the runs of this host, read-only. */
export class RunLooks {
  constructor(
    private readonly supervisor: Pick<Supervisor, 'inspect'>,
    private readonly dataDir: string,
  ) {}

  async at(runId: string): Promise<RunEvidence> {
    return evidenceIn(await this.supervisor.inspect(join(this.dataDir, runDirectoryOf(runId))));
  }

  /** A run that cannot be looked at is left out, which proves nothing of it. */
  async atAll(runIds: readonly string[]): Promise<Readonly<Record<string, RunEvidence>>> {
    const looks: Record<string, RunEvidence> = {};
    for (const runId of runIds) {
      const look = await this.at(runId).catch(() => null);
      if (look) looks[runId] = look;
    }
    return looks;
  }
}

function evidenceIn(found: Inspection): RunEvidence {
  switch (found.state) {
    case 'absent':
      return { process: 'not-started', pid: null, exit: null };
    case 'starting':
      return { process: 'unknown', pid: null, exit: null };
    case 'running':
      return { process: found.supervised ? 'alive' : 'unsupervised', pid: found.identity.pid, exit: null };
    case 'lost':
      return { process: 'dead', pid: found.identity?.pid ?? null, exit: null };
    case 'ended': {
      const { exitCode, endedAt } = found.exit;
      return { process: 'dead', pid: found.identity?.pid ?? null, exit: { exitCode, endedAt } };
    }
  }
}

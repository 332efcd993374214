import { announceStatus } from './events.js';
import type { ForgeDesk } from './desk.js';
import { forgeTime, type CommitStatus, type Repository } from './state.js';

export interface StatusReport {
  readonly sha: string;
  readonly context: string;
  readonly state: string;
  readonly description: string;
  readonly targetUrl: string;
  readonly creator: string | null;
}

/** Every report is a new row and a webhook of its own. */
export async function reportStatus(
  desk: ForgeDesk,
  repository: Repository,
  report: StatusReport,
): Promise<CommitStatus> {
  const status = desk.state.change((state) => {
    const index = repository.statuses.filter(({ sha }) => sha === report.sha).length + 1;
    const row = { id: state.nextId++, index, ...report, at: forgeTime() };
    repository.statuses.push(row);
    return row;
  });
  await desk.state.saved();
  await announceStatus(desk, repository, status);
  return status;
}

/** The newest of each context, newest first. */
export function latestStatuses(repository: Repository, sha: string): readonly CommitStatus[] {
  const byContext = new Map(repository.statuses.filter((one) => one.sha === sha).map((one) => [one.context, one]));
  return [...byContext.values()].sort((a, b) => b.id - a.id);
}

/** None at all is the empty string: not pending, and not failing. */
export function combinedState(statuses: readonly CommitStatus[]): string {
  if (statuses.length === 0) return '';
  if (statuses.some(({ state }) => state === 'error' || state === 'failure')) return 'failure';
  const isGood = (state: string) => ['success', 'warning', 'skipped'].includes(state);
  return statuses.every(({ state }) => isGood(state)) ? 'success' : 'pending';
}

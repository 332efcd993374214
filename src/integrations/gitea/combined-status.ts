import type { CombinedStatus } from '../forge.js';

/**
 * The rule of Gitea since 1.25, over all pages: the `state` that the server computes covers only the page it is sent
 * with, and older servers compute it differently. Nothing at all is not pending: nobody has begun (WHG-08).
 */
export function combined(statuses: readonly string[]): CombinedStatus {
  if (statuses.length === 0) return 'absent';
  if (statuses.some((status) => status === 'failure' || status === 'error')) return 'failure';
  return statuses.every(isDone) ? 'success' : 'pending';
}

function isDone(status: string): boolean {
  return status === 'success' || status === 'warning' || status === 'skipped';
}

import type { StatusKey } from '../../kernel/pipeline/stage.js';
import type { TrackerStatus } from '../../integrations/tracker.js';

/** UNK-03: exact, case-sensitive names, which a project may remap; ids belong to one installation and are never built in. */
const NAMES: Readonly<Record<StatusKey, string>> = {
  backlog: 'Backlog',
  todo: 'Todo',
  in_progress: 'In Progress',
  in_review: 'In Review',
  approved: 'Approved',
  rejected: 'Rejected',
  needs_input: 'Needs Input',
  blocked: 'Blocked',
  confirm_deploy: 'Confirm Deploy',
  done: 'Done',
  cancelled: 'Cancelled',
};

type Remapped = Readonly<Partial<Record<StatusKey, string>>>;

/** Null for a status that means nothing to the pipeline. Any status of the group `cancelled` cancels (UNK-19). */
export function statusKeyOf(statuses: readonly TrackerStatus[], id: string, remapped: Remapped): StatusKey | null {
  const status = statuses.find((candidate) => candidate.id === id);
  if (!status) return null;
  const key = (Object.keys(NAMES) as StatusKey[]).find((candidate) => nameOf(candidate, remapped) === status.name);
  return key ?? (status.group === 'cancelled' ? 'cancelled' : null);
}

/** Null when the project lacks the status; its gesture is unavailable then (PS-03). */
export function statusIdOf(statuses: readonly TrackerStatus[], key: StatusKey, remapped: Remapped): string | null {
  return statuses.find((status) => status.name === nameOf(key, remapped))?.id ?? null;
}

export function nameOf(key: StatusKey, remapped: Remapped): string {
  return remapped[key] ?? NAMES[key];
}

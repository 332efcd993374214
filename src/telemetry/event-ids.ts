import type { RecordedEvent } from '../kernel/event.js';

/** Field of the event to field of the line: what is needed to find the case (OBS-11). */
const NAMES = {
  workItem: 'work_item',
  taskId: 'task_id',
  repo: 'repo',
  branch: 'branch',
  jobId: 'job_id',
  runId: 'run_id',
  fence: 'fence',
  pid: 'pid',
  deployId: 'deploy_id',
  deliveryId: 'delivery_id',
} as const;

export function idsOf(event: RecordedEvent): Readonly<Record<string, string | number>> {
  const data = event.data as Readonly<Record<string, unknown>>;
  const { $correlationId, actor } = event.metadata;
  // Without a work item the correlation is a stream, which is no name for people.
  const workItem = /^[A-Z][A-Z0-9]*-\d+$/.test($correlationId) ? { work_item: $correlationId } : {};
  const found = Object.entries(NAMES).flatMap(([from, to]) => {
    const id = data[from];
    return typeof id === 'string' || typeof id === 'number' ? [[to, id] as const] : [];
  });
  const { type, position, stream } = event;
  return { ...{ type, position, stream, actor }, ...workItem, ...Object.fromEntries(found) };
}

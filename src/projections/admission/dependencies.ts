import type { DependencyDeclared, DependencyWithdrawn } from '../../domain/admission/events.js';
import type { RecordedEvent } from '../../kernel/event.js';
import type { ReadModel } from '../engine/read-model.js';

/** A task waits for another work item, which may have no task yet; where it has one, the pair is a row of `job_deps`. */
export type DependencyRow = {
  /** `<task>:<work item>`. */
  readonly id: string;
  readonly task_id: number;
  readonly depends_on: string;
  readonly declared_by: string;
  readonly declared_at: string;
  /** The event that declared it. */
  readonly position: number;
};

type Told = RecordedEvent<DependencyDeclared> | RecordedEvent<DependencyWithdrawn>;

export const dependencies: ReadModel<DependencyRow> = {
  table: 'dependencies',
  key: 'id',
  version: 2,
  listensTo: ['DependencyDeclared', 'DependencyWithdrawn'],
  keysOf(event) {
    const { taskId, dependsOn } = (event as Told).data;
    return [`${taskId}:${dependsOn}`];
  },
  apply(_, event, key) {
    if (event.type === 'DependencyWithdrawn') return undefined;
    const { data, position } = event as RecordedEvent<DependencyDeclared>;
    const { taskId, dependsOn, by, since } = data;
    return { id: String(key), task_id: taskId, depends_on: dependsOn, declared_by: by, declared_at: since, position };
  },
};

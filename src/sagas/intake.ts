import slugify from '@sindresorhus/slugify';
import type { InboxEvent, StatusEntered, TaskRequested } from '../domain/inbox/events.js';
import { ApproveTask, CancelTask, ConfirmDeploy, OpenTask, RejectTask, RestartTask } from '../domain/task/commands.js';
import type { RecordedEvent, Recorded } from '../kernel/event.js';
import type { StatusKey } from '../kernel/pipeline/stage.js';
import { send, type Saga, type SagaCommand } from './saga.js';

const SLUG_LENGTH_MAX = 40;

/** What people do in the tracker becomes tasks and verdicts. */
export const intakeSaga: Saga = {
  name: 'intake',
  types: ['TaskRequested', 'StatusEntered'],
  react: (event) => reactTo(event as Recorded<Extract<InboxEvent, TaskRequested | StatusEntered>>),
};

function reactTo(event: RecordedEvent<TaskRequested> | RecordedEvent<StatusEntered>): readonly SagaCommand[] {
  return event.type === 'TaskRequested' ? [openTask(event)] : gesture(event.data);
}

/** The position of the request is the task's number: unique, and in the order of the requests. */
function openTask(event: RecordedEvent<TaskRequested>): SagaCommand {
  const taskId = event.position;
  const { workItem, title } = event.data;
  return send(
    OpenTask,
    `task-${taskId}`,
    { taskId, ...event.data, branch: branchName(workItem, title) },
    { actor: event.metadata.actor },
  );
}

/** STG-19, UNK-35: `feature/<WI>-<ascii-slug>`. */
export function branchName(workItem: string, title: string): string {
  const slug = slugify(title, { decamelize: false }).slice(0, SLUG_LENGTH_MAX).replace(/-+$/, '');
  return `feature/${workItem}${slug ? `-${slug}` : ''}`;
}

/** Only a person's entry is a gesture, and only an item that has a task has something to be told (INV-09). */
function gesture(entry: StatusEntered['data']): readonly SagaCommand[] {
  if (entry.ours || entry.taskId === null || entry.toKey === null) return [];
  const by = entry.by ?? 'plane:unknown';
  const command = GESTURES[entry.toKey]?.(`task-${entry.taskId}`, by, entry);
  return command ? [command] : [];
}

type Gesture = (stream: string, by: string, entry: StatusEntered['data']) => SagaCommand | null;

const GESTURES: Partial<Record<StatusKey, Gesture>> = {
  in_progress: (stream, by) => send(RestartTask, stream, { by }, { actor: by }),
  approved: (stream, by) => send(ApproveTask, stream, { by }, { actor: by }),
  rejected: (stream, by, entry) => send(RejectTask, stream, { by, feedback: entry.feedback }, { actor: by }),
  cancelled: (stream, by) => send(CancelTask, stream, { by, reason: `cancelled by ${by}` }, { actor: by }),
  // Without a known person it never counts (RC-14).
  confirm_deploy: (stream, by, entry) =>
    entry.by === null ? null : send(ConfirmDeploy, stream, { by }, { actor: by }),
};

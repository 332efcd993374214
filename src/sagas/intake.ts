import slugify from '@sindresorhus/slugify';
import { PauseTask } from '../domain/admission/commands.js';
import type { StatusEntered, TaskLostItem, TaskRequested } from '../domain/inbox/events.js';
import type { NotificationDelivered } from '../domain/notification/events.js';
import {
  ApproveTask,
  CancelTask,
  ConfirmDeploy,
  OpenTask,
  RejectTask,
  ReportConfirmationSent,
  RestartTask,
} from '../domain/task/commands.js';
import { numberOf, type RecordedEvent, type Recorded } from '../kernel/event.js';
import type { StatusKey } from '../kernel/pipeline/stage.js';
import { send, type Saga, type SagaCommand } from './saga.js';

type Heard = Recorded<TaskRequested | StatusEntered | TaskLostItem | NotificationDelivered>;

const SLUG_LENGTH_MAX = 40;

/** What people do in the tracker becomes tasks and verdicts. */
export const intakeSaga: Saga = {
  name: 'intake',
  types: ['TaskRequested', 'StatusEntered', 'TaskLostItem', 'NotificationDelivered'],
  react: (event) => reactTo(event as Heard),
};

function reactTo(event: Heard): readonly SagaCommand[] {
  switch (event.type) {
    case 'TaskRequested':
      return [openTask(event)];
    case 'StatusEntered':
      return gesture(event.data);
    case 'TaskLostItem':
      return [orphaned(event.data)];
    case 'NotificationDelivered':
      return asked(event);
  }
}

/** Heard here, beside the gestures, so that an answer is never looked at before the question is known to have been asked. */
function asked({ data, recordedAt }: RecordedEvent<NotificationDelivered>): readonly SagaCommand[] {
  if (!data.asks || data.how === 'recorded') return [];
  const { taskId, visit, request } = data.asks;
  return [send(ReportConfirmationSent, `task-${taskId}`, { visit, request, sentAt: recordedAt })];
}

/** UNK-47: whoever deleted the item may have meant the work, and may not; an operator knows. */
function orphaned({ repo, taskId, workItem }: TaskLostItem['data']): SagaCommand {
  return send(PauseTask, `admission-${repo}`, { repo, taskId, workItem });
}

/** The position of the request is the task's number: unique, and in the order of the requests. */
function openTask(event: RecordedEvent<TaskRequested>): SagaCommand {
  const taskId = numberOf(event);
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
  if (entry.taskId === null || entry.toKey === null) return [];
  // The pipeline never asks itself for production: whoever used its account for that is told of (RC-14).
  if (entry.ours && entry.toKey !== 'confirm_deploy') return [];
  const by = entry.by ?? 'plane:unknown';
  const command = GESTURES[entry.toKey]?.(`task-${entry.taskId}`, by, entry);
  return command ? [command] : [];
}

type Gesture = (stream: string, by: string, entry: StatusEntered['data']) => SagaCommand;

const GESTURES: Partial<Record<StatusKey, Gesture>> = {
  in_progress: (stream, by) => send(RestartTask, stream, { by }, { actor: by }),
  approved: (stream, by) => send(ApproveTask, stream, { by }, { actor: by }),
  rejected: (stream, by, entry) => send(RejectTask, stream, { by, feedback: entry.feedback }, { actor: by }),
  cancelled: (stream, by) => send(CancelTask, stream, { by, reason: `cancelled by ${by}` }, { actor: by }),
  // Whether it counts without a known person or time is for the task to say, on the record (RC-14).
  confirm_deploy: (stream, by, { by: person, enteredAt: at = null, via, ours }) =>
    send(ConfirmDeploy, stream, { by: person, at, via, ...(ours && { ours }) }, { actor: by }),
};

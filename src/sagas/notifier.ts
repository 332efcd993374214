import { RequestNotification } from '../domain/notification/commands.js';
import type { NotificationRequested } from '../domain/notification/events.js';
import type { BreakerEvent } from '../domain/breaker/events.js';
import type { BudgetEvent } from '../domain/budget/events.js';
import type { DeployEvent } from '../domain/deploy/events.js';
import type { TaskLostItem } from '../domain/inbox/events.js';
import type { JobEvent } from '../domain/job/events.js';
import type { SourceEvent, SourceName } from '../domain/source/events.js';
import type { TaskEvent, TaskRef } from '../domain/task/events.js';
import type { Recorded } from '../kernel/event.js';
import { deriveId } from '../kernel/ids.js';
import { projectOf, type Policy } from '../kernel/pipeline/policy.js';
import type { StatusKey } from '../kernel/pipeline/stage.js';
import { send, type Saga, type SagaCommand } from './saga.js';

const TYPES = [
  'TaskAdvanced',
  'TaskSentBack',
  'TaskEscalated',
  'TaskCancelled',
  'TaskRestarted',
  'ApprovalRequested',
  'ApprovalGiven',
  'ConfirmationRequested',
  'DeployConfirmed',
  'ProductionHeld',
  'MergedCodeDiffered',
  'DeployFinished',
  'GestureIgnored',
  'WorkFailed',
  'RunEnded',
  'JobFailed',
  'BudgetReached',
  'BreakerOpened',
  'AgentsParked',
  'TaskUnblocked',
  'WebhooksMissed',
  'WebhooksHeard',
  'TaskLostItem',
] as const;

type Heard = Recorded<
  Extract<
    TaskEvent | JobEvent | DeployEvent | BudgetEvent | BreakerEvent | SourceEvent | TaskLostItem,
    { type: (typeof TYPES)[number] }
  >
>;
/** The failure that opens the breaker first. */
const BREAKER_NEWS = 3;

type Message = NotificationRequested['data'];

/** Who is told what: the chat, the item's comments, and the item's status, which only shows and never drives (STG-15). */
export const notifierSaga: Saga = {
  name: 'notifier',
  types: TYPES,
  react: (event, policy) =>
    messagesFor(event as Heard, policy).map((message, ordinal) =>
      request(deriveId('notification', event.id, ordinal), message),
    ),
};

function request(id: string, message: Message): SagaCommand {
  return send(RequestNotification, `notification-${id}`, message);
}

function messagesFor(event: Heard, policy: Policy): readonly Message[] {
  switch (event.type) {
    case 'TaskAdvanced':
    case 'TaskSentBack':
      return event.type === 'TaskAdvanced' ? advanced(event.data) : sentBack(event.data);
    case 'TaskEscalated':
    case 'WorkFailed':
      return stuck(event, policy);
    case 'TaskCancelled':
    case 'TaskLostItem':
      return dropped(event);
    case 'TaskRestarted':
    case 'ApprovalGiven':
      return [status(event.data, 'in_progress')];
    case 'ApprovalRequested':
      return asked(event.data, 'approval-requested', {});
    case 'ConfirmationRequested':
      return confirmationAsked(event.data);
    case 'DeployConfirmed':
    case 'ProductionHeld':
    case 'MergedCodeDiffered':
    case 'DeployFinished':
      return onTheWay(event);
    case 'GestureIgnored':
      return ignored(event.data);
    case 'RunEnded':
      return usage(event);
    case 'JobFailed':
      return reaped(event);
    case 'BudgetReached':
    case 'BreakerOpened':
    case 'AgentsParked':
      return standstill(event);
    case 'TaskUnblocked':
      return policy.reconcile.notifyUnblock ? [chat(event.data, 'unblocked', { stage: event.data.stage })] : [];
    case 'WebhooksMissed':
    case 'WebhooksHeard':
      return silence(event);
  }
}

/** Somebody has ended it, or taken away what it was begun for. */
function dropped({ type, data }: Extract<Heard, { type: 'TaskCancelled' | 'TaskLostItem' }>): readonly Message[] {
  if (type === 'TaskLostItem') return [chat(data, 'item-vanished', { repo: data.repo })];
  return [chat(data, 'cancelled', { from: data.from, reason: data.reason })];
}

const SYSTEMS: Readonly<Record<SourceName, string>> = { plane: 'Plane', gitea: 'Gitea' };

/** The end of a silence is news only to those who were told of it. */
function silence(event: Extract<Heard, { type: 'WebhooksMissed' | 'WebhooksHeard' }>): readonly Message[] {
  const { source, missed } = event.data;
  const params = { source: SYSTEMS[source], missed: String(missed) };
  const about = { workItem: event.stream };
  if (event.type === 'WebhooksMissed') return [chat(about, 'webhooks-missed', { ...params, since: event.data.since })];
  return event.data.silentSince === null ? [] : [chat(about, 'webhooks-heard', params)];
}

/** CD-08: exactly one comment and one message to the chat; both show what a confirmation would be bound to. */
function confirmationAsked(asks: Extract<Heard, { type: 'ConfirmationRequested' }>['data']): readonly Message[] {
  const { taskId, visit, request, commit, stagedTree, base, verdicts } = asks;
  const shown = verdicts.map(
    ({ gate, answer, reason, revision }) => `${gate} ${answer}: ${reason} (task-${taskId}@${revision})`,
  );
  const params = { head: commit.head, tree: stagedTree, base: base ?? '-', verdicts: shown.join('; ') };
  return asked(asks, 'confirmation-requested', params).map((message) => ({
    ...message,
    asks: { taskId, visit, request },
  }));
}

type OnTheWay = Extract<
  Heard,
  { type: 'DeployConfirmed' | 'ProductionHeld' | 'MergedCodeDiffered' | 'DeployFinished' }
>;

/** What the operators have to know between a confirmation and production. */
function onTheWay(event: OnTheWay): readonly Message[] {
  const about = { workItem: event.metadata.$correlationId };
  switch (event.type) {
    case 'DeployConfirmed': {
      const params = { by: event.data.by, head: event.data.commit.head };
      return [comment(about, 'deploy-confirmed', params), chat(about, 'deploy-confirmed', params)];
    }
    case 'ProductionHeld':
      return [chat(about, 'production-held', { reason: event.data.reason })];
    case 'MergedCodeDiffered':
      return [chat(about, 'merged-code-differed', { head: event.data.merged.head })];
    case 'DeployFinished': {
      const { deployId, environment, action, verdict, exitCode, reason } = event.data;
      if (environment === 'staging' || action === 'rollback') return [];
      const told = { deploy: String(deployId), reason };
      const log = comment(about, 'deploy-ended', { ...told, verdict, exit: String(exitCode ?? '-') });
      const isRestored = verdict === 'SUCCESS' || exitCode === 1;
      return isRestored ? [log] : [log, chat(about, 'deploy-not-restored', told)];
    }
  }
}

/** RC-14: a confirmation that does not start what it was meant to start is the operators' business too. */
function ignored(gesture: Extract<Heard, { type: 'GestureIgnored' }>['data']): readonly Message[] {
  const params = { gesture: gesture.gesture, reason: gesture.reason };
  const told = comment(gesture, 'gesture-ignored', params);
  const isAlarming = gesture.unproven === true || gesture.unanswered === true;
  return isAlarming ? [told, chat(gesture, 'gesture-ignored', params)] : [told];
}

/** TG-10; any other failure is told as that of the task's work. */
function reaped({ data, metadata }: Extract<Heard, { type: 'JobFailed' }>): readonly Message[] {
  const { jobId, agent, repo, reason } = data;
  if (!reason.startsWith('reaped: ')) return [];
  return [chat({ workItem: metadata.$correlationId }, 'job-reaped', { job: String(jobId), agent, repo, reason })];
}

/** What keeps agents from starting at all; a probe that fails again is no news. */
function standstill(
  event: Extract<Heard, { type: 'BudgetReached' | 'BreakerOpened' | 'AgentsParked' }>,
): readonly Message[] {
  const about = { workItem: event.metadata.$correlationId };
  if (event.type === 'BudgetReached') {
    const { scope, key, totalUsd, limitUsd } = event.data;
    const setting = scope === 'day' ? 'ORCH_BUDGET_DAY_USD' : 'ORCH_BUDGET_TASK_USD';
    const params = { purse: key, spent: totalUsd.toFixed(2), limit: limitUsd.toFixed(2), setting };
    return [chat(about, 'budget-reached', params)];
  }
  if (event.type === 'BreakerOpened' && event.data.consecutive > BREAKER_NEWS) return [];
  const { until, reason } = event.data;
  return [chat(about, 'agents-parked', { until, reason })];
}

/** TG-03: one message per move; the first one says that work has begun. */
function advanced(move: Extract<Heard, { type: 'TaskAdvanced' }>['data']): readonly Message[] {
  const told = chat(move, 'stage-moved', { from: move.from, to: move.to });
  return move.to === 'done' ? [told, status(move, 'done'), comment(move, 'done', {})] : [told];
}

function sentBack(back: Extract<Heard, { type: 'TaskSentBack' }>['data']): readonly Message[] {
  const { from, to, reason } = back;
  return [chat(back, 'sent-back', { from, to, reason }), status(back, 'in_progress')];
}

/** A request for a person's act: chat, comment and the status that means "approval pending" (UNK-02). */
function asked(task: TaskRef, message: string, params: Message['params']): readonly Message[] {
  return [status(task, 'in_review'), comment(task, message, params), chat(task, message, params)];
}

function stuck(event: Extract<Heard, { type: 'TaskEscalated' | 'WorkFailed' }>, policy: Policy): readonly Message[] {
  const { stage, reason, repo } = event.data;
  // A deploy that a person has to confirm is asked for again, with its own message (UNK-41).
  const isAskedAgain =
    event.type === 'WorkFailed' && stage === 'deploy' && projectOf(policy, repo)?.confirm === 'human';
  if (isAskedAgain) return [chat(event.data, 'deploy-not-started', { reason })];
  const message = event.type === 'TaskEscalated' ? 'escalated' : 'work-failed';
  const params = { stage, reason };
  return [status(event.data, 'blocked'), comment(event.data, message, params), chat(event.data, message, params)];
}

/** LA-11, PS-12: what a run cost, once it is known; never in the way of an advance (AMB-49). */
function usage(event: Extract<Heard, { type: 'RunEnded' }>): readonly Message[] {
  const { costUsd, inputTokens, outputTokens } = event.data;
  if (costUsd === null) return [];
  const workItem = event.metadata.$correlationId;
  const tokens = { input: String(inputTokens ?? 'unknown'), output: String(outputTokens ?? 'unknown') };
  return [comment({ workItem }, 'usage', { cost: costUsd.toFixed(4), ...tokens })];
}

type About = Pick<TaskRef, 'workItem'>;

function chat({ workItem }: About, message: string, params: Message['params']): Message {
  return { channel: 'chat', message, workItem, statusKey: null, params: { workItem, ...params } };
}

function comment({ workItem }: About, message: string, params: Message['params']): Message {
  return { channel: 'item-comment', message, workItem, statusKey: null, params: { workItem, ...params } };
}

function status({ workItem }: About, statusKey: StatusKey): Message {
  return { channel: 'item-status', message: 'status', workItem, statusKey, params: {} };
}

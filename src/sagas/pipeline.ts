import { RequestDeploy } from '../domain/deploy/commands.js';
import type { DeployEvent } from '../domain/deploy/events.js';
import { CancelJob, QueueJob } from '../domain/job/commands.js';
import type { JobEvent } from '../domain/job/events.js';
import { ReportWorkFailed, ReportWorkFinished } from '../domain/task/commands.js';
import type { TaskEvent, WorkRequested } from '../domain/task/events.js';
import { numberOf, type Recorded, type RecordedEvent } from '../kernel/event.js';
import { assert } from '../kernel/assert.js';
import { send, type Saga, type SagaCommand } from './saga.js';

type Heard = Recorded<
  Extract<
    TaskEvent | JobEvent | DeployEvent,
    {
      type:
        'WorkRequested' | 'WorkWithdrawn' | 'JobSucceeded' | 'JobFailed' | 'DeployStartFailed' | 'DeployLogPublished';
    }
  >
>;

/** Work that a task asks for becomes a job or a deploy; what becomes of it is told to the task. */
export const pipelineSaga: Saga = {
  name: 'pipeline',
  types: ['WorkRequested', 'WorkWithdrawn', 'JobSucceeded', 'JobFailed', 'DeployStartFailed', 'DeployLogPublished'],
  react: (event) => reactTo(event as Heard),
};

function reactTo(event: Heard): readonly SagaCommand[] {
  switch (event.type) {
    case 'WorkRequested':
      return workFor(event);
    case 'WorkWithdrawn':
      // A hook is never interrupted half-way; its outcome finds the task gone on and changes nothing.
      if (event.data.performer !== 'agent') return [];
      return [send(CancelJob, `job-${event.data.work}`, { reason: event.data.reason })];
    case 'JobSucceeded':
      return reportFinished(event.stream, event.data.taskId, event.data);
    case 'JobFailed':
      return reportFailed(event.stream, event.data);
    case 'DeployStartFailed':
      // Whose deploy is undone has ended long ago; the watch hears of it.
      if (event.data.action === 'rollback') return [];
      return reportFailed(event.stream, {
        ...event.data,
        reason: `the hook could not be started: ${event.data.reason}`,
      });
    case 'DeployLogPublished':
      return reportFinished(event.stream, event.data.taskId, { ...event.data, pullRequest: null });
  }
}

/** Production is not asked for here: that is decided beside the freezes and pauses of its repository (`effects/deploy`). */
function workFor(event: RecordedEvent<WorkRequested>): readonly SagaCommand[] {
  switch (event.data.performer) {
    case 'agent':
      return [queueJob(event)];
    case 'staging-hook':
      return [requestStaging(event)];
    case 'production-hook':
      return [];
  }
}

/** The number of the request is the job's: FIFO by job id is the order of the requests (QU-16). */
function queueJob(event: RecordedEvent<WorkRequested>): SagaCommand {
  const { taskId, workItem, repo, role, stage, visit, round, feedback } = event.data;
  const jobId = numberOf(event);
  return send(QueueJob, `job-${jobId}`, { jobId, taskId, workItem, repo, agent: role, stage, visit, round, feedback });
}

function requestStaging(event: RecordedEvent<WorkRequested>): SagaCommand {
  const { taskId, workItem, repo, stage, visit, round, revision } = event.data;
  assert(revision, `a hook of ${workItem} is given a revision`);
  const deployId = numberOf(event);
  return send(RequestDeploy, `deploy-${deployId}`, {
    deployId,
    taskId,
    workItem,
    repo,
    environment: 'staging',
    stage,
    visit,
    round,
    action: 'deploy',
    revision,
    previousRevision: null,
  });
}

type Finished = Omit<ReportWorkFinished['payload'], 'by'>;

function reportFinished(by: string, taskId: number | null, work: Finished): readonly SagaCommand[] {
  if (taskId === null) return [];
  const { visit, round, commit, artifacts, pullRequest } = work;
  return [send(ReportWorkFinished, `task-${taskId}`, { visit, round, by, commit, artifacts, pullRequest })];
}

function reportFailed(
  by: string,
  work: { readonly taskId: number | null; readonly visit: number; readonly round: number; readonly reason: string },
): readonly SagaCommand[] {
  if (work.taskId === null) return [];
  const { visit, round, reason } = work;
  return [send(ReportWorkFailed, `task-${work.taskId}`, { visit, round, by, reason })];
}

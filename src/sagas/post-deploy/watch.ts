import { FreezeRepo } from '../../domain/admission/commands.js';
import { RequestDeploy } from '../../domain/deploy/commands.js';
import type { DeployFinished, DeployRequested, DeployStartFailed } from '../../domain/deploy/events.js';
import { AnnounceRelease, ArmWatch, ReportRollback } from '../../domain/post-deploy/commands.js';
import type { RollbackOrdered, WatchEnded } from '../../domain/post-deploy/events.js';
import type { TaskAdvanced } from '../../domain/task/events.js';
import { numberOf, type Recorded, type RecordedEvent } from '../../kernel/event.js';
import { send, type Saga, type SagaCommand } from '../saga.js';

type Heard = Recorded<
  DeployRequested | DeployFinished | DeployStartFailed | TaskAdvanced | WatchEnded | RollbackOrdered
>;

/** Production is watched after every deploy; what goes bad freezes its repository, and is undone where that is switched on. */
export const postDeploySaga: Saga = {
  name: 'post-deploy',
  types: ['DeployRequested', 'DeployFinished', 'DeployStartFailed', 'TaskAdvanced', 'WatchEnded', 'RollbackOrdered'],
  react: (event) => reactTo(event as Heard),
};

function reactTo(event: Heard): readonly SagaCommand[] {
  switch (event.type) {
    case 'DeployRequested':
      return event.data.environment === 'production' ? [announce(event.data)] : [];
    case 'TaskAdvanced':
      return event.data.to === 'done' ? [arm(event)] : [];
    case 'WatchEnded':
      return event.data.status === 'DEGRADED' ? [freeze(event.data)] : [];
    case 'RollbackOrdered':
      return [rollBack(event)];
    case 'DeployFinished':
    case 'DeployStartFailed':
      return event.data.action === 'rollback' ? [rolledBack(event)] : [];
  }
}

function postDeployOf(repo: string): string {
  return `post-deploy-${repo}`;
}

function announce({ repo, deployId, taskId, workItem, visit, round, revision }: DeployRequested['data']): SagaCommand {
  return send(AnnounceRelease, postDeployOf(repo), { repo, deployId, taskId, workItem, visit, round, revision });
}

/** The number of the advance is the watch's (PD-02). */
function arm(event: RecordedEvent<TaskAdvanced>): SagaCommand {
  const { repo, taskId, workItem } = event.data;
  return send(ArmWatch, postDeployOf(repo), { repo, watchId: numberOf(event), taskId, workItem });
}

/** PD-11, SG-27: the task is done already, so that only the repository can be held. */
function freeze({ repo, workItem, deployId, reason }: WatchEnded['data']): SagaCommand {
  const after = deployId === null ? `the deploy of ${workItem}` : `deploy ${deployId} of ${workItem}`;
  return send(FreezeRepo, `admission-${repo}`, { repo, workItem, reason: `DEGRADED after ${after}: ${reason}` });
}

/** A deploy like any other, by the project's other command; the number of the order is its own, so that there is one. */
function rollBack(event: RecordedEvent<RollbackOrdered>): SagaCommand {
  const { repo, taskId, workItem, visit, round, to } = event.data;
  const deployId = numberOf(event);
  const about = { deployId, taskId, workItem, repo, visit, round };
  const what = { environment: 'production', stage: 'deploy', action: 'rollback' } as const;
  return send(RequestDeploy, `deploy-${deployId}`, { ...about, ...what, revision: to, previousRevision: to });
}

function rolledBack(event: Recorded<DeployFinished | DeployStartFailed>): SagaCommand {
  const { type, data } = event;
  const { repo, deployId, reason } = data;
  const watchId = numberOf(event);
  const succeeded = type === 'DeployFinished' && data.verdict === 'SUCCESS';
  return send(ReportRollback, postDeployOf(repo), { repo, deployId, watchId, succeeded, reason });
}

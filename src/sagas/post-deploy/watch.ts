import { FreezeRepo } from '../../domain/admission/commands.js';
import type { DeployRequested } from '../../domain/deploy/events.js';
import { AnnounceRelease, ArmWatch } from '../../domain/post-deploy/commands.js';
import type { WatchEnded } from '../../domain/post-deploy/events.js';
import type { TaskAdvanced } from '../../domain/task/events.js';
import type { Recorded, RecordedEvent } from '../../kernel/event.js';
import { send, type Saga, type SagaCommand } from '../saga.js';

type Heard = Recorded<DeployRequested | TaskAdvanced | WatchEnded>;

/** Production is watched after every deploy; what goes bad freezes its repository. */
export const postDeploySaga: Saga = {
  name: 'post-deploy',
  types: ['DeployRequested', 'TaskAdvanced', 'WatchEnded'],
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
  }
}

function postDeployOf(repo: string): string {
  return `post-deploy-${repo}`;
}

function announce({ repo, deployId, taskId, workItem, visit, round, revision }: DeployRequested['data']): SagaCommand {
  return send(AnnounceRelease, postDeployOf(repo), { repo, deployId, taskId, workItem, visit, round, revision });
}

/** The position of the advance is the watch's number (PD-02). */
function arm({ position: watchId, data: { repo, taskId, workItem } }: RecordedEvent<TaskAdvanced>): SagaCommand {
  return send(ArmWatch, postDeployOf(repo), { repo, watchId, taskId, workItem });
}

/** PD-11, SG-27: the task is done already, so that only the repository can be held. */
function freeze({ repo, workItem, deployId, reason }: WatchEnded['data']): SagaCommand {
  const after = deployId === null ? `the deploy of ${workItem}` : `deploy ${deployId} of ${workItem}`;
  return send(FreezeRepo, `admission-${repo}`, { repo, workItem, reason: `DEGRADED after ${after}: ${reason}` });
}

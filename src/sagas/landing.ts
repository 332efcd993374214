import { RequestArtifactsMerge } from '../domain/landing/commands.js';
import type { ArtifactsMergeRefused } from '../domain/landing/events.js';
import { RequestNotification } from '../domain/notification/commands.js';
import type { WatchLogPublished } from '../domain/post-deploy/events.js';
import type { TaskAdvanced } from '../domain/task/events.js';
import type { Recorded } from '../kernel/event.js';
import { deriveId } from '../kernel/ids.js';
import { projectOf, type Policy } from '../kernel/pipeline/policy.js';
import { send, type Saga, type SagaCommand } from './saga.js';

type Heard = Recorded<TaskAdvanced | WatchLogPublished | ArtifactsMergeRefused>;

/** What is written after the merge reaches the default branch only where the project wants it there (`"artifacts": "merge"`). */
export const landingSaga: Saga = {
  name: 'landing',
  types: ['TaskAdvanced', 'WatchLogPublished', 'ArtifactsMergeRefused'],
  react: (event, policy) => reactTo(event as Heard, policy),
};

function reactTo(event: Heard, policy: Policy): readonly SagaCommand[] {
  switch (event.type) {
    case 'TaskAdvanced':
      return event.data.to === 'done' ? wanted(event.data, 'deploy', policy) : [];
    case 'WatchLogPublished':
      return wanted(event.data, 'post-deploy', policy);
    case 'ArtifactsMergeRefused':
      return [told(event)];
  }
}

type About = { readonly repo: string; readonly workItem: string };

function wanted({ repo, workItem }: About, after: 'deploy' | 'post-deploy', policy: Policy): readonly SagaCommand[] {
  if (projectOf(policy, repo)?.artifacts !== 'merge') return [];
  return [send(RequestArtifactsMerge, `landing-${workItem}`, { workItem, repo, after })];
}

function told({ id, data: { workItem, repo, reason } }: Recorded<ArtifactsMergeRefused>): SagaCommand {
  const params = { workItem, repo, reason };
  const message = { channel: 'chat', message: 'artifacts-not-merged', workItem, statusKey: null, params } as const;
  return send(RequestNotification, `notification-${deriveId('landing', id)}`, message);
}

import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import * as deployCommands from '../../src/domain/deploy/commands.js';
import { deployDecider } from '../../src/domain/deploy/decide.js';
import type { DeployState } from '../../src/domain/deploy/state.js';
import { CancelJob, QueueJob, type JobCommand } from '../../src/domain/job/commands.js';
import type { JobEvent } from '../../src/domain/job/events.js';
import type { JobState } from '../../src/domain/job/state.js';
import {
  AcquireMergeLease,
  ReclaimMergeLease,
  ReleaseMergeLease,
  RenewMergeLease,
} from '../../src/domain/merge-lease/commands.js';
import { mergeLeaseDecider } from '../../src/domain/merge-lease/decide.js';
import * as notificationCommands from '../../src/domain/notification/commands.js';
import { notificationDecider, type NotificationState } from '../../src/domain/notification/decide.js';
import { OpenTask, type TaskCommand } from '../../src/domain/task/commands.js';
import { taskDecider } from '../../src/domain/task/decide.js';
import { jobDecider } from '../../src/domain/job/decide.js';
import type { TaskEvent } from '../../src/domain/task/events.js';
import type { TaskState } from '../../src/domain/task/state.js';
import type { PostDeployState } from '../../src/domain/post-deploy/state.js';
import { STAGES } from '../../src/kernel/pipeline/stage.js';
import { arrowsOf, drawn, type Arrow } from '../support/arrows.js';
import { at, given, wish } from '../support/given.js';
import * as life from '../support/lives/watch-history.js';
import * as job from '../support/lives/job-history.js';
import * as jobWalk from '../support/lives/job-walk.js';
import * as task from '../support/lives/task-history.js';
import * as taskWalk from '../support/lives/task-walk.js';

function names(arrows: readonly Arrow[]): readonly string[] {
  const ends = arrows.flatMap((arrow) => arrow.replace(/:.*/, '').split(' --> '));
  return [...new Set(ends)].filter((name) => name !== '[*]').sort();
}

/** The members of a union as they are spelt in the source: what stands in quotes after the discriminant. */
function union(file: string, discriminant: string): readonly string[] {
  const source = readFileSync(new URL(`../../src/domain/${file}`, import.meta.url), 'utf8');
  const members = [...source.matchAll(new RegExp(`readonly ${discriminant}: ((?:'[\\w-]+'(?: \\| )?)+)`, 'g'))];
  const spelt = members.flatMap(([, list]) => [...(list ?? '').matchAll(/'([\w-]+)'/g)].map(([, name]) => name ?? ''));
  return [...new Set(spelt)].sort();
}

function stageOf(state: TaskState): string {
  return state.status === 'unopened' ? '[*]' : state.stage;
}

function stepOf(state: TaskState): string {
  if (state.status === 'unopened') return '[*]';
  return state.status === 'closed' ? 'closed' : state.step.kind;
}

function jobStatus(state: JobState): string {
  if (state.status === 'absent') return '[*]';
  return state.status === 'running' ? state.phase : state.status;
}

function taskArrows(name: (state: TaskState) => string): readonly Arrow[] {
  const arrows = [task.AGENTS_TASK, task.SELF_HOSTING_TASK].flatMap((facts) =>
    arrowsOf<TaskCommand, TaskEvent, TaskState>({
      begin: given(taskDecider),
      commands: (history) =>
        history.state.status === 'unopened'
          ? [wish(OpenTask, facts)]
          : Object.values(taskWalk.MOVES).flatMap((move) => move(history) ?? []),
      name,
      key: taskKey,
    }),
  );
  return [...new Set(arrows)].sort();
}

function taskKey(state: TaskState): unknown {
  if (state.status !== 'open') return state.status;
  const { stage, step, approvalRequested, retries, escalated, merged, landed } = state;
  const isAsked = step.kind === 'awaiting-confirmation' && step.sentAt !== null;
  const checked = step.kind === 'judging' && step.check !== null;
  return [stage, step.kind, checked, approvalRequested, retries, escalated, merged !== null, landed !== null, isAsked];
}

/** Every wish comes a million seconds after the last one, so that no back-off is in the way. */
function jobArrows(): readonly Arrow[] {
  return arrowsOf<JobCommand, JobEvent, JobState>({
    begin: given(jobDecider),
    commands: (history) => {
      const seconds = history.events.length * 1_000_000;
      const claimed = history.events.some((event) => event.type === 'JobClaimed');
      const reports = claimed ? Object.values(jobWalk.REPORTS).map((report) => report(history, seconds)) : [];
      const cancel = wish(CancelJob, { reason: 'not needed' });
      return [wish(QueueJob, job.JOB), job.claim(`run-${seconds}`, seconds), cancel, ...reports];
    },
    name: jobStatus,
    key: (state) =>
      'attempts' in state
        ? [jobStatus(state), state.attempts, state.transientAttempts, ...countedOf(state)]
        : jobStatus(state),
  });
}

function countedOf(state: JobState): readonly number[] {
  return state.status === 'running' ? [state.suspicion, state.publicationTries] : [];
}

function deployArrows(): readonly Arrow[] {
  const revision = { head: 'aaa111', codeTree: 'tree-1' };
  const about = { deployId: 12, taskId: 42, workItem: 'ORCH-059', repo: 'orchestrator', visit: 6, round: 1 };
  const place = { environment: 'staging', stage: 'deploy-staging' } as const;
  const process = { pid: 1, startTicks: 1, bootId: 'b', runDirectory: 'r', startedAt: at(0) };
  const commands = [
    wish(deployCommands.RequestDeploy, { ...about, ...place, action: 'deploy', revision, previousRevision: null }),
    wish(deployCommands.WithdrawDeploy, { deployId: 12, reason: 'cancelled' }),
    wish(deployCommands.ClaimDeploy, { orchestrator: 'here-1', host: 'here', directory: '/runs/12' }),
    wish(deployCommands.ReportDeployStarted, process),
    wish(deployCommands.ReportDeployStartFailed, { reason: 'no route to host' }),
    wish(deployCommands.ReportDeployEnded, { exitCode: 0, checks: [], stoppedBecause: null, endedAt: at(0) }),
    wish(deployCommands.ReportDeployLogPublished, { commit: revision, artifacts: [] }),
  ];
  const name = ({ status }: DeployState) => (status === 'absent' ? '[*]' : status);
  return arrowsOf({ begin: given(deployDecider), commands: () => commands, name, key: name });
}

function leaseArrows(): readonly Arrow[] {
  const instance = { id: 'start-1', pid: 1, startTicks: 1, bootId: 'b' };
  const holder = { repo: 'orchestrator', branch: 'feature/ORCH-059', workItem: 'ORCH-059', taskId: 42, instance };
  return arrowsOf({
    begin: given(mergeLeaseDecider),
    commands: ({ state }) => {
      const fence = state.status === 'held' ? state.fence : 0;
      return [
        wish(AcquireMergeLease, holder),
        wish(RenewMergeLease, { fence }),
        wish(ReleaseMergeLease, { workItem: 'ORCH-059', fence, reason: 'done' }),
        wish(ReclaimMergeLease, { fence, process: 'dead' }),
      ];
    },
    name: ({ status }) => status,
    key: ({ status }) => status,
  });
}

function productionArrows(): readonly Arrow[] {
  const [good, bad] = [
    { taskId: 1, deployId: 11, head: 'aaa' },
    { taskId: 2, deployId: 22, head: 'bbb' },
  ];
  const commands = ({ state }: life.Production) => {
    const { watch, rollback } = state;
    if (watch) {
      const { watchId } = watch.ref;
      const next = { armedAt: (Date.parse(watch.schedule.startedAt) - Date.parse(at(0))) / 1000 };
      const checks = (['ok', 'failed'] as const).map((answer) => life.probe(watchId, watch.check + 1, answer, next));
      return [...checks, life.close(watchId, 1_000_000), life.announce(bad)];
    }
    if (!rollback) return [life.announce(good), life.arm(1), life.announce(bad), life.arm(2)];
    const { deployId, to } = rollback;
    const back = { taskId: 2, deployId, head: to.head };
    const ends = [true, false].map((succeeded) => life.rollbackEnded(deployId, 3000, { succeeded }));
    return [life.announce(back), ...ends];
  };
  const name = ({ watch, rollback, releases, known }: PostDeployState) => {
    if (watch) return 'watched';
    if (rollback) return 'rolling-back';
    return releases.length + known.length === 0 ? '[*]' : 'unwatched';
  };
  const key = ({ watch, verified, releases, rollback, known }: PostDeployState) => [
    ...[watch?.ref.watchId, watch?.check, watch?.failedInRow, verified?.head, rollback?.deployId],
    ...[releases.at(-1)?.deployId, known.map(({ watchId }) => watchId)],
  ];
  return arrowsOf({ begin: life.productionOf(), commands, name, key });
}

function notificationArrows(): readonly Arrow[] {
  const message = { channel: 'chat', message: 'done', workItem: 'ET-001', statusKey: null, params: {} } as const;
  const commands = [
    wish(notificationCommands.RequestNotification, message),
    wish(notificationCommands.ReportNotificationDelivered, { channel: 'chat', how: 'sent', text: 'done' }),
    wish(notificationCommands.ReportNotificationDropped, { channel: 'chat', reason: 'the chat is gone' }),
  ];
  const name = (state: NotificationState) => (state === 'absent' ? '[*]' : state);
  return arrowsOf({ begin: given(notificationDecider), commands: () => commands, name, key: name });
}

describe('docs/state-machines.md draws exactly the moves that are decided, each with its cause', () => {
  test('of the stages of a task', () => expect(drawn('Task: stages')).toEqual(taskArrows(stageOf)));
  test('of the steps within a stage', () => expect(drawn('Task: steps within a stage')).toEqual(taskArrows(stepOf)));
  test('of a job', () => expect(drawn('Job')).toEqual(jobArrows()));
  test('of a merge lease', () => expect(drawn('Merge lease')).toEqual(leaseArrows()));
  test('of a deploy', () => expect(drawn('Deploy')).toEqual(deployArrows()));
  test('of a production', () => expect(drawn('Production')).toEqual(productionArrows()));
  test('of a notification', () => expect(drawn('Notification')).toEqual(notificationArrows()));
});

describe('docs/state-machines.md names every status that a state can have', () => {
  test('of the stages of a task, but for the moment before its first one', () => {
    expect(names(drawn('Task: stages'))).toEqual([...STAGES].filter((stage) => stage !== 'created').sort());
  });

  test('of the steps within a stage', () => {
    const kinds = union('task/state.ts', 'kind');
    expect(names(drawn('Task: steps within a stage'))).toEqual([...kinds, 'closed'].sort());
  });

  test('of a job, where running is shown by its phases', () => {
    const statuses = [...union('job/state.ts', 'status'), ...union('job/state.ts', 'phase')];
    const shown = statuses.filter((status) => status !== 'absent' && status !== 'running');
    expect(names(drawn('Job'))).toEqual(shown.sort());
  });

  test('of a merge lease', () => {
    expect(names(drawn('Merge lease'))).toEqual(union('merge-lease/state.ts', 'status'));
  });

  test('of a deploy', () => {
    const statuses = union('deploy/state.ts', 'status');
    expect(names(drawn('Deploy'))).toEqual(statuses.filter((status) => status !== 'absent'));
  });

  test('of a notification', () => {
    const source = readFileSync(new URL('../../src/domain/notification/decide.ts', import.meta.url), 'utf8');
    const members = /type NotificationState = (.+);/.exec(source)?.[1]?.match(/[\w-]+/g) ?? [];
    expect(names(drawn('Notification'))).toEqual(members.filter((status) => status !== 'absent').sort());
  });
});

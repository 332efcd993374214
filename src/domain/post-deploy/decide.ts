import type { Decider } from '../../kernel/decider.js';
import { projectOf, type Policy } from '../../kernel/pipeline/policy.js';
import { fromIso } from '../../kernel/time.js';
import * as commands from './commands.js';
import type { PostDeployEvent, ProbeAnswer, ProductionProbed, Revision, WatchRef } from './events.js';
import { checkDueAt, scheduleFrom } from './schedule.js';
import {
  applyPostDeploy,
  evolvePostDeploy,
  NOTHING_WATCHED,
  type PostDeployState,
  type Release,
  type RunningWatch,
} from './state.js';
import { consequenceOf, verdictAtEnd, verdictSoFar, type Verdict } from './verdict.js';

type Events = readonly PostDeployEvent[];

/** One stream per repository: it has one production, and every deploy ends the watch over the one before. */
export const postDeployDecider: Decider<commands.PostDeployCommand, PostDeployEvent, PostDeployState> = {
  category: 'post-deploy',
  commands: Object.values(commands),
  events: {
    ReleaseAnnounced: 1,
    WatchArmed: 1,
    ProductionProbed: 1,
    WatchEnded: 1,
    RollbackOrdered: 1,
    RollbackFailed: 1,
    WatchLogPublished: 1,
  },
  initial: NOTHING_WATCHED,
  evolve: evolvePostDeploy,
  decide: decidePostDeploy,
};

function decidePostDeploy(command: commands.PostDeployCommand, state: PostDeployState, policy: Policy): Events {
  switch (command.type) {
    case 'AnnounceRelease':
      return announced(command, state, policy);
    case 'ArmWatch':
      return asked(command, state, policy);
    case 'ReportProbe':
      return probed(command, state, policy);
    case 'CloseWatch':
      return closed(command, state, policy);
    case 'ReportRollback':
      return rolledBack(command, state, policy);
    case 'ReportWatchLogPublished': {
      const { watchId, head } = command.payload;
      const isNews = state.known.some((watch) => watch.watchId === watchId && watch.loggedAs !== head);
      return isNews ? [{ type: 'WatchLogPublished', data: command.payload }] : [];
    }
  }
}

/** What runs in production from now on is another revision, so that what is measured says nothing of the one before. */
function announced({ payload, context }: commands.AnnounceRelease, state: PostDeployState, policy: Policy): Events {
  const isNews = payload.deployId > (state.releases.at(-1)?.deployId ?? -1);
  if (!isNews || (!state.watch && !projectOf(policy, payload.repo)?.productionHealth)) return [];
  const release: PostDeployEvent = { type: 'ReleaseAnnounced', data: payload };
  return [
    ...superseded(state, context.at, `deploy ${payload.deployId} of ${payload.workItem} took its place`),
    release,
  ];
}

/** PD-02: once per task, for its newest hook; where no hook of ours deployed it, the health address is watched all the same. */
function asked({ payload, context }: commands.ArmWatch, state: PostDeployState, policy: Policy): Events {
  const { repo, taskId, workItem } = payload;
  const wasArmed = state.known.some((watch) => watch.taskId === taskId && !watch.isRollback);
  if (wasArmed || !isWatched(repo, policy)) return [];
  const release = state.releases.filter((other) => other.taskId === taskId).at(-1);
  // Another hook changed production before this task was done: nothing of it is left to be watched.
  if (release && release !== state.releases.at(-1)) return [];
  const ref = { ...payload, ...what(release), rollbackOf: null };
  return [...superseded(state, context.at, `${workItem} was deployed after it`), arm(ref, context.at, policy)];
}

function what(release: Release | undefined): Pick<WatchRef, 'deployId' | 'revision'> {
  return { deployId: release?.deployId ?? null, revision: release?.revision ?? null };
}

/** Empty list: every project that names a health address of its production. */
export function isWatched(repo: string, { postDeploy, projects }: Policy): boolean {
  if (!postDeploy.enabled || (postDeploy.repos.length > 0 && !postDeploy.repos.includes(repo))) return false;
  return projects.some((project) => project.repo === repo && project.productionHealth);
}

function arm(ref: WatchRef, at: string, policy: Policy): PostDeployEvent {
  return { type: 'WatchArmed', data: { ...ref, schedule: scheduleFrom(at, policy.postDeploy) } };
}

function superseded(state: PostDeployState, at: string, reason: string): Events {
  if (!state.watch) return [];
  const { ref, schedule, counts: checks } = state.watch;
  const said = { status: 'INCONCLUSIVE', action: 'NONE', reason, actionReason: null, overtaken: true } as const;
  return [
    {
      type: 'WatchEnded',
      data: { ...ref, ...said, endedAt: at, schedule, checks, degradedInRow: state.degradedInRow },
    },
  ];
}

/** A check counts once, in its own time, and only for the watch that is on. */
function probed({ payload, context }: commands.ReportProbe, state: PostDeployState, policy: Policy): Events {
  const { watch } = state;
  if (watch?.ref.watchId !== payload.watchId || !isNext(payload.check, watch, context.at)) return [];
  const event = measurement(payload, watch);
  const after = applyPostDeploy(state, event);
  const verdict = after.watch && verdictOn(after.watch);
  return [event, ...(verdict ? judged(verdict, after, context.at, policy) : [])];
}

function isNext(check: number, watch: RunningWatch, at: string): boolean {
  const due = checkDueAt(watch.schedule, fromIso(at));
  return check > watch.check && check <= (due === 'over' ? watch.schedule.checks : due);
}

function verdictOn(watch: RunningWatch): Verdict | null {
  return verdictSoFar(watch) ?? (watch.check >= watch.schedule.checks ? verdictAtEnd(watch) : null);
}

function measurement(
  { repo, watchId, check, answer, detail }: commands.ReportProbe['payload'],
  watch: RunningWatch,
): ProductionProbed {
  const isAnother = watch.detail !== detail;
  return {
    type: 'ProductionProbed',
    data: {
      ...{ repo, watchId, check, answer, detail },
      missed: check - watch.check - 1,
      failedInRow: failedInRow(answer, watch.failedInRow),
      workItem: isAnother ? watch.ref.workItem : null,
    },
  };
}

function failedInRow(answer: ProbeAnswer, before: number): number {
  if (answer === 'unmeasured') return before;
  return answer === 'failed' ? before + 1 : 0;
}

function closed({ payload, context }: commands.CloseWatch, state: PostDeployState, policy: Policy): Events {
  const { watch } = state;
  if (watch?.ref.watchId !== payload.watchId || checkDueAt(watch.schedule, fromIso(context.at)) !== 'over') return [];
  const missed = watch.counts.missed + watch.schedule.checks - watch.check;
  const whole = { ...watch, counts: { ...watch.counts, missed } };
  return judged(verdictAtEnd(whole), { ...state, watch: whole }, context.at, policy);
}

function judged({ status, reason }: Verdict, state: PostDeployState, at: string, policy: Policy): Events {
  const { watch } = state;
  if (!watch) return [];
  const { ref, schedule, counts: checks } = watch;
  const { action, to, actionReason } = consequenceOf(status, watch, state, policy);
  const said = { status, action, reason, actionReason, overtaken: false, endedAt: at };
  const degradedInRow = inRow(status, state.degradedInRow);
  const verdict: PostDeployEvent = { type: 'WatchEnded', data: { ...ref, ...said, schedule, checks, degradedInRow } };
  return to ? [verdict, ...rollback(ref, state.releases.at(-1), to)] : [verdict];
}

function rollback(
  { repo, watchId, taskId, workItem, revision }: WatchRef,
  release: Release | undefined,
  to: Revision,
): Events {
  if (!release || !revision) return [];
  const { visit, round } = release;
  return [{ type: 'RollbackOrdered', data: { repo, watchId, taskId, workItem, visit, round, from: revision, to } }];
}

/** What could not be judged breaks no row. */
function inRow(status: Verdict['status'], before: number): number {
  if (status === 'INCONCLUSIVE') return before;
  return status === 'DEGRADED' ? before + 1 : 0;
}

/** What came back is watched again; what did not is for a person. */
function rolledBack({ payload, context }: commands.ReportRollback, state: PostDeployState, policy: Policy): Events {
  const { repo, deployId, watchId, succeeded, reason } = payload;
  if (state.rollback?.deployId !== deployId) return [];
  const { taskId, workItem, to: revision, watchId: rollbackOf } = state.rollback;
  if (!succeeded) {
    const about = { repo, watchId: rollbackOf, deployId, taskId, workItem };
    return [{ type: 'RollbackFailed', data: { ...about, reason } }];
  }
  if (!isWatched(repo, policy) || state.releases.at(-1)?.deployId !== deployId) return [];
  const ref = { repo, watchId, taskId, workItem, deployId, revision, rollbackOf };
  return [...superseded(state, context.at, `the rollback of ${workItem} came after it`), arm(ref, context.at, policy)];
}

import { assert } from '../../kernel/assert.js';
import type { ProjectPolicy } from '../../kernel/pipeline/policy.js';
import type { Stage } from '../../kernel/pipeline/stage.js';
import type { Commit, ConfirmationRequested, Performer, TaskEvent, TaskOpened, TaskRef, Verdict } from './events.js';
import { isWorkingStage, MAX_DEVELOPER_RETRIES, performerOf, STAGE_TABLE, type WorkingStage } from './stages.js';
import type { OpenTaskState } from './state.js';

type WorkSource = Pick<OpenTaskState, 'facts' | 'stage' | 'visit' | 'round' | 'commit' | 'merged' | 'landed'>;

const NOTHING_BUILT = { commit: null, merged: null, landed: null } as const;

/** The first moves of a life: out of `created`, into analysis, with its work asked for. */
export function openTask(facts: TaskOpened['data'], project: ProjectPolicy): readonly TaskEvent[] {
  const analysis: WorkSource = { facts, stage: 'analysis', visit: 1, round: 0, ...NOTHING_BUILT };
  return [
    { type: 'TaskOpened', data: facts },
    { type: 'TaskAdvanced', data: { ...refOf(facts), from: 'created', to: 'analysis', visit: 1 } },
    requestWork(analysis, project, []),
  ];
}

/** Moves on to a stage and starts what it begins with. */
export function enterStage(state: OpenTaskState, to: Stage, project: ProjectPolicy): readonly TaskEvent[] {
  const visit = state.visit + 1;
  const advanced: TaskEvent = { type: 'TaskAdvanced', data: { ...refOf(state.facts), from: state.stage, to, visit } };
  if (!isWorkingStage(to)) return [advanced];
  const entered: OpenTaskState = {
    ...state,
    stage: to,
    visit,
    round: 0,
    merged: to === 'deploy' ? state.landed : null,
  };
  if (to !== 'deploy') return [advanced, requestWork(entered, project, [])];
  if (!isPublished(entered)) return sendBack(state, project, 'the branch has no pull request that could be merged');
  return [advanced, land(entered, project, [])];
}

/** The branch is on the forge, with a pull request that can be merged. */
export type PublishedTask = OpenTaskState & { readonly commit: Commit; readonly pullRequest: number };

export function isPublished(state: OpenTaskState): state is PublishedTask {
  return state.commit !== null && state.pullRequest !== null;
}

/** A project that asks goes to production only after a person's act, for which restarting the work is no substitute. */
export function land(state: PublishedTask, project: ProjectPolicy, feedback: readonly string[]): TaskEvent {
  return project.confirm === 'auto' ? goToProduction(state, project, feedback) : requestConfirmation(state, null);
}

/** Phase A: what is shown is what the confirmation will be bound to. */
export function requestConfirmation(state: PublishedTask, because: string | null): ConfirmationRequested {
  const { visit, commit, pullRequest, facts, staged, merged, verdicts } = state;
  const shown = Object.values(verdicts).map(({ gate, answer, reason, head, revision }): Verdict => ({
    gate,
    answer,
    reason,
    head,
    revision,
  }));
  return {
    type: 'ConfirmationRequested',
    data: {
      ...refOf(facts),
      visit,
      request: state.requests + 1,
      commit: merged ?? commit,
      pullRequest,
      stagedTree: (merged ?? staged ?? commit).codeTree,
      base: verdicts.check_branch_mergeable?.base ?? null,
      verdicts: shown.sort((one, other) => one.revision - other.revision),
      ...(because === null ? {} : { because }),
      note: 'self-deploy-approval-pending',
    },
  };
}

/** Code goes to production only through the default branch; what is there already is not merged again. */
export function goToProduction(state: PublishedTask, project: ProjectPolicy, feedback: readonly string[]): TaskEvent {
  if (state.merged) return requestWork(state, project, feedback);
  const { visit, commit, pullRequest, facts } = state;
  const { branch, title } = facts;
  return { type: 'MergeRequested', data: { ...refOf(facts), branch, visit, pullRequest, commit, title } };
}

/** The one implementation of going back (AMB-45): to development, as a retry, until the retries are used up (UNK-04). */
export function sendBack(
  state: OpenTaskState,
  project: ProjectPolicy,
  reason: string,
  feedback: readonly string[] = [],
): readonly TaskEvent[] {
  const visit = state.visit + 1;
  const retries = state.retries + 1;
  const back: TaskEvent = {
    type: 'TaskSentBack',
    data: { ...refOf(state.facts), from: state.stage, to: 'development', visit, reason, retries },
  };
  if (retries > MAX_DEVELOPER_RETRIES) {
    return [back, { type: 'TaskEscalated', data: { ...refOf(state.facts), stage: 'development', reason, retries } }];
  }
  const developing: WorkSource = { ...state, stage: 'development', visit, round: 0, landed: null };
  return [back, requestWork(developing, project, [reason, ...feedback])];
}

/** AMB-28: what was staged is no longer what would be merged, so staging runs again; that is nobody's failure and no retry. */
export function stageAgain(state: OpenTaskState, project: ProjectPolicy, reason: string): readonly TaskEvent[] {
  const { facts, stage: from, retries } = state;
  const visit = state.visit + 1;
  const staging: WorkSource = { ...state, stage: 'deploy-staging', visit, round: 0 };
  return [
    { type: 'TaskSentBack', data: { ...refOf(facts), from, to: 'deploy-staging', visit, reason, retries } },
    requestWork(staging, project, [reason]),
  ];
}

/** Asks for one more round of the stage's work. */
export function requestWork(state: WorkSource, project: ProjectPolicy, feedback: readonly string[]): TaskEvent {
  const { facts, stage, visit } = state;
  assert(isWorkingStage(stage), `work is asked for in a working stage, not in ${stage}`);
  const performer = performerOf(stage, project);
  return {
    type: 'WorkRequested',
    data: {
      taskId: facts.taskId,
      workItem: facts.workItem,
      repo: facts.repo,
      stage,
      visit,
      round: state.round + 1,
      performer,
      role: STAGE_TABLE[stage].role,
      revision: revisionFor(stage, performer, state),
      feedback,
    },
  };
}

function revisionFor(stage: WorkingStage, performer: Performer, state: WorkSource): Commit | null {
  if (performer === 'agent') return null;
  return stage === 'deploy' ? state.merged : (state.landed ?? state.commit);
}

/** Stops the job or deploy that is under way, if there is one. */
export function withdrawWork(state: OpenTaskState, reason: string): readonly TaskEvent[] {
  if (state.step.kind !== 'working' || state.step.work === null) return [];
  return [{ type: 'WorkWithdrawn', data: { work: state.step.work, performer: state.step.performer, reason } }];
}

export function refOf({ taskId, workItem, repo }: TaskOpened['data']): TaskRef {
  return { taskId, workItem, repo };
}

import type { Policy, ProjectPolicy } from '../../kernel/pipeline/policy.js';
import type * as commands from './commands.js';
import { confirmed } from './confirmation.js';
import type { TaskEvent } from './events.js';
import { enterStage, isPublished, land, refOf, requestWork, sendBack, withdrawWork } from './moves.js';
import type { OpenTaskState, TaskState } from './state.js';

type Gesture =
  commands.ApproveTask | commands.RejectTask | commands.RestartTask | commands.ConfirmDeploy | commands.CancelTask;

/** What a person did to the item; whoever asks why nothing came of it finds the answer on the record. */
export function decideGesture(
  command: Gesture,
  state: OpenTaskState,
  project: ProjectPolicy,
  policy: Policy,
): readonly TaskEvent[] {
  switch (command.type) {
    case 'ApproveTask':
      return approved(command, state, project);
    case 'RejectTask':
      return rejected(command, state, project);
    case 'RestartTask':
      return restarted(command, state, project);
    case 'ConfirmDeploy':
      return confirmed(command.payload, state, project, policy);
    case 'CancelTask':
      return [
        { type: 'TaskCancelled', data: { ...refOf(state.facts), from: state.stage, reason: command.payload.reason } },
        ...withdrawWork(state, command.payload.reason),
      ];
  }
}

/** Approved counts on analysis once the set is complete, and never later (decisions, "Human gestures"). */
function approved(command: commands.ApproveTask, state: OpenTaskState, project: ProjectPolicy): readonly TaskEvent[] {
  const { by } = command.payload;
  if (state.stage !== 'analysis') return [approvedInVain(command, state)];
  if (!state.approvalRequested) {
    const missing = state.answers.check_analysis_complete?.reason ?? 'the analyst has not finished';
    return [ignored(command, state, missing)];
  }
  const { stage, visit } = state;
  return [
    { type: 'ApprovalGiven', data: { ...refOf(state.facts), stage, visit, by } },
    {
      type: 'GateEvaluated',
      data: {
        stage,
        visit,
        gate: 'check_analysis_approved',
        answer: 'passed',
        reason: 'approved via status',
        evidence: { by },
      },
    },
    ...enterStage(state, 'architecture', project),
  ];
}

/** ENG-07, RB-06: on deploy it is the gesture of habit, and neither deploys, nor rolls back, nor advances. */
function approvedInVain(command: commands.ApproveTask, state: OpenTaskState): TaskEvent {
  const { facts, stage } = state;
  const reason = `nothing waits for an approval on ${stage}`;
  const data = { ...refOf(facts), gesture: command.type, stage, by: command.payload.by, reason };
  const note = stage === 'deploy' ? ({ note: 'approved-on-deploy-noop' } as const) : {};
  return { type: 'GestureIgnored', data: { ...data, ...note } };
}

/** UNK-05: analysis is done again with the comments; any later stage goes back to development. */
function rejected(command: commands.RejectTask, state: OpenTaskState, project: ProjectPolicy): readonly TaskEvent[] {
  const { by, feedback } = command.payload;
  if (state.stage === 'created') return [ignored(command, state, 'nothing has been done yet')];
  if (state.escalated) return [ignored(command, state, 'it is escalated; In Progress starts it again')];
  if (state.stage !== 'analysis') {
    return [...withdrawWork(state, `rejected by ${by}`), ...sendBack(state, project, `rejected by ${by}`, feedback)];
  }
  if (state.step.kind === 'working') return [ignored(command, state, 'the analyst is still at work')];
  return [requestWork(state, project, feedback)];
}

/** UNK-06: an active job makes it a no-op; otherwise the stage's work starts again and the retries count from 0. */
function restarted(command: commands.RestartTask, state: OpenTaskState, project: ProjectPolicy): readonly TaskEvent[] {
  const { step } = state;
  const busy = step.kind === 'merging' || (step.kind === 'working' && step.work !== null);
  if (busy) return [ignored(command, state, 'its work is under way')];
  if (step.kind === 'awaiting-confirmation') return [ignored(command, state, 'it waits for Confirm Deploy')];
  const feedback = step.kind === 'failed' ? [step.reason] : Object.values(state.answers).map((answer) => answer.reason);
  const again: TaskEvent = {
    type: 'TaskRestarted',
    data: { ...refOf(state.facts), stage: state.stage, visit: state.visit, by: command.payload.by },
  };
  const lands = state.stage === 'deploy' && isPublished(state);
  return [again, lands ? land(state, project, feedback) : requestWork(state, project, feedback)];
}

export function ignored(
  command: commands.ApproveTask | commands.RejectTask | commands.RestartTask | commands.ConfirmDeploy,
  state: Exclude<TaskState, { status: 'unopened' }>,
  reason: string,
): TaskEvent {
  const { type: gesture, payload } = command;
  return {
    type: 'GestureIgnored',
    data: { ...refOf(state.facts), gesture, stage: state.stage, by: payload.by ?? 'plane:unknown', reason },
  };
}

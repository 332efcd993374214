import type { Policy, ProjectPolicy } from '../../kernel/pipeline/policy.js';
import type { ConfirmDeploy, ReportConfirmationSent, ReportProductionHeld } from './commands.js';
import type { TaskEvent } from './events.js';
import { goToProduction, isPublished, refOf } from './moves.js';
import type { OpenTaskState, Step } from './state.js';

type Confirmation = ConfirmDeploy['payload'];
type Awaiting = Extract<Step, { kind: 'awaiting-confirmation' }>;

/** CD-03..07: only on `deploy`, only for the open request, and bound to what it showed. */
export function confirmed(
  confirmation: Confirmation,
  state: OpenTaskState,
  project: ProjectPolicy,
  policy: Policy,
): readonly TaskEvent[] {
  const { by, at } = confirmation;
  const { step } = state;
  if (step.kind !== 'awaiting-confirmation' || !isPublished(state)) return [idle(confirmation, state, project)];
  const objection = objectionTo(confirmation, step, policy);
  if (objection !== null) return [unanswered(confirmation, state, objection)];
  if (by === null || at === null) return [unproven(confirmation, state)];
  const { request, commit } = step;
  const data = { visit: state.visit, request, commit, by, at, note: 'self-deploy-initiated' } as const;
  return [{ type: 'DeployConfirmed', data }, goToProduction(state, project, [`confirmed by ${by}`])];
}

/** Why it cannot be an answer to the open request. */
function objectionTo({ at, via, ours }: Confirmation, { sentAt }: Awaiting, policy: Policy): string | null {
  if (ours) return 'our own account made it, and only a person confirms';
  if (via === 'poll' && !policy.reconcile.confirmEnabled) {
    return 'a poll found it, and ORCH_RECONCILE_CONFIRM_ENABLED is false';
  }
  if (sentAt === null) return 'the request to confirm has not been sent yet';
  if (at === null || at >= sentAt) return null;
  return `it was made at ${at}, and the request to confirm was sent at ${sentAt}`;
}

/** Somebody waits for a deploy that will not start by this. */
function unanswered(confirmation: Confirmation, state: OpenTaskState, objection: string): TaskEvent {
  const gesture = ignored(confirmation, state, objection);
  return { type: 'GestureIgnored', data: { ...gesture.data, unanswered: true } };
}

/** RC-14: without a person and a time it is nobody's act. */
function unproven(confirmation: Confirmation, state: OpenTaskState): TaskEvent {
  const what = confirmation.by === null ? 'who moved the item' : 'when the item was moved';
  const gesture = ignored(confirmation, state, `the tracker does not say ${what}; move it once more`);
  return { type: 'GestureIgnored', data: { ...gesture.data, unproven: true } };
}

/** Nothing waits for it: the deploy is under way, or the gesture belongs to another stage. */
function idle(confirmation: Confirmation, state: OpenTaskState, project: ProjectPolicy): TaskEvent {
  const { kind } = state.step;
  const isUnderWay = kind === 'merging' || kind === 'working' || kind === 'judging';
  if (state.stage !== 'deploy' || project.confirm !== 'human' || !isUnderWay) {
    return ignored(confirmation, state, 'no production deploy waits for a confirmation');
  }
  const gesture = ignored(confirmation, state, 'the production deploy is under way already');
  return { type: 'GestureIgnored', data: { ...gesture.data, note: 'self-deploy-already-initiated' } };
}

function ignored(
  { by }: Confirmation,
  state: OpenTaskState,
  reason: string,
): Extract<TaskEvent, { type: 'GestureIgnored' }> {
  const { facts, stage } = state;
  const data = { ...refOf(facts), gesture: 'ConfirmDeploy', stage, by: by ?? 'plane:unknown', reason };
  return { type: 'GestureIgnored', data };
}

/** The first message that arrives opens the request for answers. */
export function confirmationSent(sent: ReportConfirmationSent['payload'], state: OpenTaskState): readonly TaskEvent[] {
  const { step, visit } = state;
  const isOpen = step.kind === 'awaiting-confirmation' && step.request === sent.request && visit === sent.visit;
  return isOpen && step.sentAt === null ? [{ type: 'ConfirmationSent', data: sent }] : [];
}

export function productionHeld(held: ReportProductionHeld['payload'], state: OpenTaskState): readonly TaskEvent[] {
  const { visit, reason } = held;
  if (state.stage !== 'deploy' || state.visit !== visit || state.held === reason) return [];
  return [{ type: 'ProductionHeld', data: { ...refOf(state.facts), visit, reason } }];
}

import { assert } from '../../kernel/assert.js';
import type { ProjectPolicy } from '../../kernel/pipeline/policy.js';
import type { Gate } from '../../kernel/pipeline/stage.js';
import type { AnswerGateCheck, GateReading } from './commands.js';
import type { GateEvaluated, TaskEvent } from './events.js';
import { evaluated } from './evolve.js';
import { enterStage, refOf, requestWork, sendBack } from './moves.js';
import { FORGE_GATES, HUMAN_GATES, isWorkingStage, judgesCode, STAGE_TABLE } from './stages.js';
import { isCurrent, type OpenTaskState } from './state.js';

/** The trigger by which a look of the reconciler is known. */
export const RECONCILER = 'reconciler';

/** Intent to read the gates, unless one is open for this head, there is nothing to judge yet, or a person is awaited. */
export function requestGateCheck(
  request: { readonly trigger: string; readonly head: string | null },
  state: OpenTaskState,
  project: ProjectPolicy,
): readonly TaskEvent[] {
  const { facts, stage, visit, round, commit, artifacts, pullRequest, landed } = state;
  if (state.step.kind !== 'judging' || state.step.check || !commit) return [];
  if (state.approvalRequested || (request.head !== null && request.head !== commit.head)) return [];
  const gates = readableGates(state, project);
  const work = { ...refOf(facts), branch: facts.branch, stage, visit, round };
  return [
    {
      type: 'GateCheckRequested',
      data: { ...work, gates, commit, landed, artifacts, pullRequest, trigger: request.trigger },
    },
  ];
}

/** Everything of the stage but what only a person can answer. */
function readableGates({ stage }: OpenTaskState, project: ProjectPolicy): readonly Gate[] {
  assert(isWorkingStage(stage), `work is judged in a working stage, not in ${stage}`);
  return STAGE_TABLE[stage].gates(project).filter((gate) => !HUMAN_GATES.includes(gate));
}

/**
 * Records what changed, then moves on, goes back, or waits; nothing else decides that. The first gate in the stage's order
 * that is not green is the answer, and what was not asked is not heard.
 */
export function answerGateCheck(
  answer: AnswerGateCheck['payload'],
  state: OpenTaskState,
  project: ProjectPolicy,
): readonly TaskEvent[] {
  const { visit, round } = answer;
  if (!isAwaited(answer, state)) return [{ type: 'GateCheckAnswered', data: { visit, round, green: false } }];
  const gates = readableGates(state, project);
  const readings = answer.readings.filter(({ gate }) => gates.includes(gate));
  const red = gates.find((gate) => !isPassed(gate, readings));
  const answers = readings
    .filter((reading) => hasChanged(reading, state))
    .map((reading) => gateEvaluated(reading, state));
  const rebased = answer.rebased ? [branchRebased(answer.rebased, state)] : [];
  const now = afterAnswers(answers, answer.rebased, state);
  const told = [...answers, ...rebased, checkAnswered(state, readings, red === undefined)];
  if (red === undefined) return [...told, ...announced(moveOn(now, project), readings, state)];
  const verdict = readings.find((reading) => reading.gate === red);
  return [...told, ...(verdict ? redConsequences(verdict, now, project) : [])];
}

/** It is about what is being judged now, and not about an earlier head, round or visit. */
function isAwaited(answer: AnswerGateCheck['payload'], state: OpenTaskState): boolean {
  return isCurrent(state, answer) && state.step.kind === 'judging' && state.commit?.head === answer.head;
}

function isPassed(gate: Gate, readings: readonly GateReading[]): boolean {
  return readings.some((reading) => reading.gate === gate && reading.answer === 'passed');
}

function checkAnswered(state: OpenTaskState, readings: readonly GateReading[], green: boolean): TaskEvent {
  const { visit, round } = state;
  const data = { visit, round, green, trigger: triggerOf(state), changedAt: newestChange(readings) };
  return { type: 'GateCheckAnswered', data };
}

function triggerOf({ step }: OpenTaskState): string {
  return step.kind === 'judging' && step.check ? step.check.trigger : '';
}

function branchRebased(
  { to, onto }: NonNullable<AnswerGateCheck['payload']['rebased']>,
  { facts, visit, commit: from }: OpenTaskState,
): TaskEvent {
  assert(from, 'what was rebased was published before');
  return { type: 'BranchRebased', data: { ...refOf(facts), visit, from, to, onto } };
}

/** An unblock is announced with the move itself, so exactly once, and never without one (RC-17..19, AMB-34). */
function announced(
  moves: readonly TaskEvent[],
  readings: readonly GateReading[],
  state: OpenTaskState,
): readonly TaskEvent[] {
  if (triggerOf(state) !== RECONCILER || !moves.some(({ type }) => type === 'TaskAdvanced')) return moves;
  const { facts, stage, visit, answers } = state;
  const turned = readings.filter(({ gate }) => answers[gate]?.answer !== 'passed');
  const source = turned.some(({ gate }) => FORGE_GATES.includes(gate)) ? 'gitea' : null;
  const unblocked = { ...refOf(facts), stage, visit, source, changedAt: newestChange(turned) } as const;
  return [{ type: 'TaskUnblocked', data: unblocked }, ...moves];
}

function newestChange(readings: readonly GateReading[]): string | null {
  const times = readings.flatMap(({ evidence }) => evidence['changedAt'] ?? []);
  return times.sort().at(-1) ?? null;
}

/** Staged anew at most so often in one visit: a revision that never matches is a wrong setting, and a person has to look. */
const ROUNDS_MAX = 3;

function redConsequences(
  { gate, answer, reason }: GateReading,
  state: OpenTaskState,
  project: ProjectPolicy,
): readonly TaskEvent[] {
  if (answer === 'failed' && judgesCode(state.stage)) return sendBack(state, project, `${gate}: ${reason}`);
  if (answer === 'outdated' && state.round < ROUNDS_MAX) return [requestWork(state, project, [`${gate}: ${reason}`])];
  return [];
}

function hasChanged(reading: GateReading, state: OpenTaskState): boolean {
  const last = state.answers[reading.gate];
  return last?.answer !== reading.answer || last.reason !== reading.reason;
}

/** The state that the rest of the decision is made in. */
function afterAnswers(
  answers: readonly GateEvaluated[],
  rebased: AnswerGateCheck['payload']['rebased'],
  state: OpenTaskState,
): OpenTaskState {
  const judged = answers.reduce(
    (so, { data }, ordinal) => evaluated(so, { data, revision: state.revision + 1 + ordinal }),
    state,
  );
  return rebased ? { ...judged, commit: rebased.to } : judged;
}

function gateEvaluated(reading: GateReading, state: OpenTaskState): GateEvaluated {
  return { type: 'GateEvaluated', data: { stage: state.stage, visit: state.visit, ...reading } };
}

/** To the next stage, unless a person has the last word; then the person is asked, once. */
function moveOn(state: OpenTaskState, project: ProjectPolicy): readonly TaskEvent[] {
  const { facts, stage, visit } = state;
  assert(isWorkingStage(stage), `gates are answered in a working stage, not in ${stage}`);
  const { next, gates } = STAGE_TABLE[stage];
  if (stage === 'deploy-staging' && hasMovedSinceStaging(state)) return stageMovedCode(state, project);
  if (!gates(project).some((gate) => HUMAN_GATES.includes(gate))) return enterStage(state, next, project);
  return state.approvalRequested ? [] : [{ type: 'ApprovalRequested', data: { ...refOf(facts), stage, visit } }];
}

/** Somebody pushed code while the hook ran: what was staged is not what would be merged (INV-25). */
function hasMovedSinceStaging({ staged, commit, landed }: OpenTaskState): boolean {
  return landed === null && staged !== null && staged.codeTree !== commit?.codeTree;
}

function stageMovedCode(state: OpenTaskState, project: ProjectPolicy): readonly TaskEvent[] {
  if (state.round >= ROUNDS_MAX) return [];
  return [requestWork(state, project, [`the branch is at ${state.commit?.head}, whose code was not staged`])];
}

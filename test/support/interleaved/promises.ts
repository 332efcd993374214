import type { DeployFinished, DeployRequested } from '../../../src/domain/deploy/events.js';
import type { ConfirmationSent, DeployConfirmed, WorkRequested } from '../../../src/domain/task/events.js';
import type { Recorded, RecordedEvent } from '../../../src/kernel/event.js';
import { PERSON } from './desk.js';
import { Tables } from './tables.js';
import type { TaskRow } from '../../../src/projections/task/tasks.js';
import type { HookBegun } from './hosts.js';
import type { Yard } from './yard.js';

/** What must hold of every life, whatever happened in it; each broken promise as a sentence. */
export function brokenPromises(yard: Yard): readonly string[] {
  return [
    ...yard.around.hosts.begun.filter(({ environment }) => environment === 'production').flatMap(startBroken(yard)),
    ...beganTwice(yard),
    ...beganBeside(yard),
    ...yard.events('DeployConfirmed').flatMap((confirmed) => ofNobody(confirmed as Confirmed)),
    ...yard.events('DeployConfirmed').flatMap((confirmed) => lost(confirmed as Confirmed, yard)),
    ...yard.events('DeployFinished').flatMap((finished) => wrongVerdict(finished as Finished, yard)),
    ...yard.taskIds.flatMap((taskId) => unheard(taskId, yard)),
    ...yard.taskIds.flatMap((taskId) => stranded(taskId, yard)),
  ];
}

type Confirmed = Recorded<DeployConfirmed>;
type Finished = Recorded<DeployFinished>;
type Wish = Recorded<WorkRequested>;

function startBroken(yard: Yard): (start: HookBegun) => readonly string[] {
  return (start) => {
    const name = `the start of deploy ${start.deployId}`;
    const wish = yard.events('WorkRequested').find(({ position }) => position === start.deployId) as Wish | undefined;
    const request = yard.events('DeployRequested').find(({ stream }) => stream === `deploy-${start.deployId}`);
    const claim = yard.events('DeployClaimed').find(({ stream }) => stream === `deploy-${start.deployId}`);
    if (!wish || !request || !claim) return [`${name} was not asked for`];
    return [
      ...unless(wasStaged(start, yard), `${name} is of a tree that was not staged`),
      ...unless(!isHeldAt(request.position, wish, yard), `${name} was requested while it was frozen or paused`),
      ...unless(!isHeldAt(claim.position, wish, yard), `${name} was claimed while it was frozen or paused`),
      ...unless(!isHeldAt(start.askedAt, wish, yard), `${name} was made while it was frozen or paused`),
      ...confirmedOnce(start, wish, yard),
    ];
  };
}

/** The confirmation that a start belongs to is the newest before its wish, and no other start belongs to it. */
function confirmedOnce(start: HookBegun, wish: Wish, yard: Yard): readonly string[] {
  const own = confirmationOf(wish, yard);
  if (!own) return [`the start of deploy ${start.deployId} was not confirmed`];
  const others = yard.around.hosts.begun.filter((other) => {
    const asked = yard.events('WorkRequested').find(({ position }) => position === other.deployId) as Wish | undefined;
    return other !== start && other.environment === 'production' && asked && confirmationOf(asked, yard) === own;
  });
  return unless(others.length === 0, `confirmation ${own.position} started production more than once`);
}

function confirmationOf({ stream, position }: Wish, yard: Yard): RecordedEvent | undefined {
  return yard.events('DeployConfirmed').findLast((event) => event.stream === stream && event.position < position);
}

function wasStaged({ revision, begunAt }: HookBegun, { around }: Yard): boolean {
  const tree = around.repository.treeOf(revision);
  return around.hosts.begun.some(
    (other) =>
      other.environment === 'staging' &&
      other.exitCode === 0 &&
      other.begunAt <= begunAt &&
      around.repository.treeOf(other.revision) === tree,
  );
}

/** By what the log held up to there. */
function isHeldAt(position: number, { data }: Wish, yard: Yard): boolean {
  const before = yard.around.log.events.slice(0, position);
  const last = (...types: readonly string[]) => before.findLast((event) => types.includes(event.type))?.type;
  const own = before.filter((event) => (event.data as { taskId?: number }).taskId === data.taskId);
  const paused = own.findLast(({ type }) => type === 'TaskPaused' || type === 'TaskResumed')?.type === 'TaskPaused';
  return last('RepoFrozen', 'FreezeLifted') === 'RepoFrozen' || paused;
}

function beganTwice({ around }: Yard): readonly string[] {
  const keys = around.hosts.begun.map(({ deployId }) => deployId);
  return keys.filter((key, index) => keys.indexOf(key) !== index).map((key) => `deploy ${key} began twice`);
}

/** One hook changes an environment at a time. */
function beganBeside(yard: Yard): readonly string[] {
  const { begun } = yard.around.hosts;
  return begun.flatMap((hook, index) => {
    const beside = begun.slice(0, index).filter((other) => other.environment === hook.environment);
    const open = beside.filter((other) => other.overAt === null || other.overAt > hook.beganAt);
    return open.map((other) => `deploy ${hook.deployId} began beside deploy ${other.deployId}`);
  });
}

const ENDINGS = ['TaskCancelled', 'TaskSentBack', 'MergeRefused', 'MergedCodeDiffered', 'ConfirmationRequested'];

/** Only a person's word, given for the request that was sent. */
function ofNobody({ position, data: { by } }: Confirmed): readonly string[] {
  return unless(by === `plane:${PERSON}`, `confirmation ${position} is by ${by}`);
}

/** It has a verdict, or an answer that says why not. */
function lost({ position, stream, data }: Confirmed, yard: Yard): readonly string[] {
  const after = yard.around.log.events.filter((event) => event.position > position);
  const answers = after.filter((event) => event.stream === stream && ENDINGS.includes(event.type));
  const requested = after.filter(({ type }) => type === 'DeployRequested') as readonly Recorded<DeployRequested>[];
  const own = requested.find(
    (request) => `task-${request.data.taskId}` === stream && request.data.visit === data.visit,
  );
  const verdict = after.some((event) => event.type === 'DeployFinished' && event.stream === own?.stream);
  return unless(verdict || answers.length > 0, `confirmation ${position} came to nothing`);
}

function wrongVerdict({ data }: Finished, { around }: Yard): readonly string[] {
  const hook = around.hosts.begun.find(({ deployId }) => deployId === data.deployId);
  if (!hook) return [`deploy ${data.deployId} has a verdict and never began`];
  const verdict = hook.exitCode === 0 ? 'SUCCESS' : 'FAILED';
  const isRight = hook.exitCode === data.exitCode && verdict === data.verdict;
  return unless(isRight, `deploy ${data.deployId} ended with ${hook.exitCode} and is told as ${data.exitCode}`);
}

/** A person's answer to the open request is on the item's board, and nobody has taken note. */
function unheard(taskId: number, yard: Yard): readonly string[] {
  const events = yard.around.log.events.filter(({ stream }) => stream === `task-${taskId}`);
  const sent = events.findLast(({ type }) => type === 'ConfirmationSent') as Recorded<ConfirmationSent> | undefined;
  const row = rowOf(taskId, yard);
  const item = yard.around.desk.items.find(({ itemId }) => itemId === row.plane_id);
  const act = item?.history.at(-1);
  if (!sent || !act || row.confirmation_requested_at === null) return [];
  const isAnswer = act.toId === 'Confirm Deploy' && act.actorId !== 'bot' && act.at >= sent.data.sentAt;
  const heard = events.some(({ type, recordedAt }) => type === 'GestureIgnored' && recordedAt >= act.at);
  return unless(!isAnswer || heard, `the confirmation of task ${taskId} was not heard`);
}

/** A task that has not ended waits for a person, and its row says so. */
function stranded(taskId: number, yard: Yard): readonly string[] {
  const row = rowOf(taskId, yard);
  const isOver = row.stage === 'done' || row.stage === 'cancelled';
  const asked = row.confirmation_requested_at !== null || row.escalated === 1 || row.failure !== null;
  const red = row.gate_answer !== null && row.gate_answer !== 'passed';
  return unless(isOver || asked || red, `task ${taskId} stands still in ${row.stage}, and nobody knows why`);
}

function rowOf(taskId: number, yard: Yard): TaskRow {
  const tables = new Tables();
  tables.apply(yard.around.log.events);
  const row = tables.all<TaskRow>('tasks').find(({ id }) => id === taskId);
  if (!row) throw new Error(`There is no task ${taskId}`);
  return row;
}

function unless(holds: boolean, sentence: string): readonly string[] {
  return holds ? [] : [sentence];
}

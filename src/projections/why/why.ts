import type { WaitReason } from '../../domain/admission/events.js';
import type { Policy } from '../../kernel/pipeline/policy.js';
import { GATES, isTerminal } from '../../kernel/pipeline/stage.js';
import { fromIso } from '../../kernel/time.js';
import type { JobRow } from '../job/jobs.js';
import type { TaskRow } from '../task/tasks.js';
import { spentBudgets, standstillOf } from './limits.js';
import { leaseAwaited } from './merge-turn.js';
import { nextFor } from './next.js';
import type { Reason, ReasonCode } from './reason.js';
import type { CauseKind, TaskCauseRow } from './task-causes.js';
import type { WhyFacts } from './why-facts.js';

export interface Why {
  readonly work_item: string;
  readonly stage: string;
  readonly waiting: boolean;
  readonly reasons: readonly Reason[];
  /** What happens once nothing holds it any more; null at the end. */
  readonly next: string | null;
}

/** Why a task does not move, from the rows alone: the same answer for HTTP, GraphQL, the command line and any past moment. */
export function whyOf(facts: WhyFacts, policy: Policy): Why {
  const { task } = facts;
  const reasons = isTerminal(task.stage) ? [] : reasonsFor(facts, policy);
  return {
    work_item: task.work_item_id,
    stage: task.stage,
    waiting: reasons.length > 0,
    reasons,
    next: nextFor(facts),
  };
}

function reasonsFor(facts: WhyFacts, policy: Policy): readonly Reason[] {
  if (facts.job?.status === 'running') return publicationOf(facts.job, facts);
  const parked = pausedOf(facts, policy);
  return [...parked, ...(facts.job ? beforeTheStart(facts, facts.job, policy) : afterTheWork(facts, policy))];
}

/** The run ended well, and what it did does not get to the forge. */
function publicationOf({ id, error, available_at: at }: JobRow, { causes }: WhyFacts): readonly Reason[] {
  const cause = causes.get('publication');
  if (!cause || at === null) return [];
  return [
    reasonFrom(
      cause,
      'publication',
      `job-${id}`,
      `git and the forge take the work; tried again at ${at} (after: ${error})`,
    ),
  ];
}

function pausedOf({ task, causes }: WhyFacts, { serialGate }: Policy): readonly Reason[] {
  const cause = causes.get('paused');
  if (!serialGate.pauseEnabled || !cause || task.paused_at === null) return [];
  return [reasonFrom(cause, 'paused', task.work_item_id, `an operator resumes ${task.work_item_id}`)];
}

/** What admission holds comes first: while it does, nothing else matters. */
function beforeTheStart(facts: WhyFacts, job: JobRow, policy: Policy): readonly Reason[] {
  const held = heldBy(facts, job);
  if (held.length > 0) return held;
  return [...backOffOf(facts, job), ...spentBudgets(facts, policy), ...standstillOf(facts), ...slotsOf(facts, policy)];
}

/** The list that the serial gate recorded; a pause is said already. */
function heldBy(facts: WhyFacts, job: JobRow): readonly Reason[] {
  const waits = JSON.parse(job.waits) as readonly WaitReason[];
  return waits
    .filter(({ code }) => code !== 'paused')
    .map(({ code, ref, since, actor, clearsWhen }) => {
      const position = positionOf(facts, { code, ref, since }) ?? facts.causes.get('held')?.position ?? null;
      return { code, ref, since, position, actor, clearsWhen };
    });
}

function positionOf(facts: WhyFacts, { code, ref, since }: Pick<WaitReason, 'code' | 'ref' | 'since'>) {
  switch (code) {
    case 'paused':
      return facts.causes.get('paused')?.position;
    case 'freeze':
      return facts.freezes.find((row) => row.repo === ref && row.frozen_at === since)?.position;
    case 'dependency':
      return facts.dependencies.find((row) => row.task_id === facts.task.id && row.depends_on === ref)?.position;
    case 'active-task':
      return facts.taskIds.get(ref);
  }
}

function backOffOf({ causes, nowMs }: WhyFacts, job: JobRow): readonly Reason[] {
  if (job.available_at === null || fromIso(job.available_at) <= nowMs) return [];
  const until = `${job.available_at} is reached${job.error === null ? '' : ` (after: ${job.error})`}`;
  const cause = causes.get('back-off');
  if (cause) return [reasonFrom(cause, 'back-off', `job-${job.id}`, until)];
  const { queued_at: since } = job;
  return [{ code: 'back-off', ref: `job-${job.id}`, since, position: null, actor: null, clearsWhen: until }];
}

function slotsOf({ running }: WhyFacts, { maxConcurrency }: Policy): readonly Reason[] {
  if (running.length < maxConcurrency) return [];
  return running.map(({ id, agent, work_item_id, started_at, position }) => ({
    code: 'slot',
    ref: `job-${id}`,
    since: started_at,
    position,
    actor: null,
    clearsWhen: `job ${id} (${agent}${work_item_id === null ? '' : ` of ${work_item_id}`}) ends; ${maxConcurrency} may run at once`,
  }));
}

const STUCK = 'a person looks at it and moves the item to In Progress';

const ASKED: readonly (readonly [CauseKind, ReasonCode, (cause: TaskCauseRow) => string])[] = [
  ['escalation', 'escalated', ({ detail }) => `${STUCK} (${detail})`],
  ['failure', 'failed', ({ detail }) => `${STUCK} (${detail})`],
  ['confirmation', 'confirmation', () => 'a person moves the item to Confirm Deploy'],
  ['approval', 'approval', () => 'a person moves the item to Approved, or to Rejected'],
  ['merge', 'merge', () => 'the forge and git say whether the change is merged'],
];

/** The first that applies, in the order in which a person has to care; red gates only where nothing else explains. */
function afterTheWork(facts: WhyFacts, policy: Policy): readonly Reason[] {
  const { causes, task } = facts;
  const turn = leaseAwaited(facts, policy);
  if (turn.length > 0) return turn;
  for (const [kind, code, clearsWhen] of ASKED) {
    const cause = causes.get(kind);
    if (cause) return [reasonFrom(cause, code, refOf(code, task), clearsWhen(cause))];
  }
  if (causes.has('work') || causes.has('gate-check')) return [];
  return GATES.flatMap((gate) => {
    const cause = causes.get(gate);
    return cause ? [reasonFrom(cause, 'gate', gate, `${gate} passes; now it does not: ${cause.detail}`)] : [];
  });
}

function refOf(code: ReasonCode, task: TaskRow): string {
  return code === 'merge' ? `pull request ${task.pull_request}` : task.work_item_id;
}

function reasonFrom(cause: TaskCauseRow, code: ReasonCode, ref: string, clearsWhen: string): Reason {
  const { at: since, position, actor } = cause;
  return { code, ref, since, position, actor, clearsWhen };
}

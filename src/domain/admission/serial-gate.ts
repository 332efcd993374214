import type { Policy } from '../../kernel/pipeline/policy.js';
import type { GatePartName, WaitReason } from './events.js';
import type { AdmissionState, EnlistedTask } from './state.js';

export type Admission = (
  { readonly kind: 'admit' } | { readonly kind: 'wait'; readonly reasons: readonly WaitReason[] }
) & {
  /** Questions that could not be answered; absent where all were. */
  readonly faults?: readonly GateFault[];
};

/** Which way the gate goes without an answer, and whom it was asked about (AMB-18). */
export interface GateFault {
  readonly part: GatePartName;
  readonly direction: 'opens' | 'holds';
  readonly error: string;
  readonly workItem: string;
}

type Switches = Policy['serialGate'];

/** SG-13, SG-16: the scope list is empty (every repository) or names the repository. */
export function gateApplies(repo: string, policy: Switches): boolean {
  return policy.enabled && (policy.repos.length === 0 || policy.repos.includes(repo.trim()));
}

/** One question the gate asks; each looks at one axis only, and none bypasses another (INV-23). */
export type GatePart = (question: Question) => readonly WaitReason[];

export interface Question {
  readonly repo: string;
  readonly task: EnlistedTask;
  readonly state: AdmissionState;
  readonly switches: Switches;
}

/** In the order in which a screen names the first one (UNK-30, PA-10). */
export const GATE_PARTS = { paused, frozen, dependencies, activeTasks } as const;
export type GateParts = Readonly<Record<GatePartName, GatePart>>;

/**
 * The one function that decides and explains: the decision takes `admit`, the screens show the reasons, a what-if asks it about another state.
 * Pause and dependencies have switches of their own and hold in every repository; order and freeze hold in those in scope.
 * When a part itself fails, the active-task part opens the gate, so that nothing wedges, and the freeze part keeps it shut (AMB-18).
 */
export function serialGate(question: Question, parts: GateParts = GATE_PARTS): Admission {
  const inScope = gateApplies(question.repo, question.switches);
  const asked: readonly GatePartName[] = inScope
    ? ['paused', 'frozen', 'dependencies', 'activeTasks']
    : ['paused', 'dependencies'];
  const answers = asked.map((part) => answerOf(part, question, parts));
  const reasons = answers.flatMap((answer) => answer.reasons);
  const failed = answers.flatMap(({ fault }) => fault ?? []);
  const faults = failed.length > 0 ? { faults: failed } : {};
  return reasons.length === 0 ? { kind: 'admit', ...faults } : { kind: 'wait', reasons, ...faults };
}

function answerOf(
  part: GatePartName,
  question: Question,
  parts: GateParts,
): { readonly reasons: readonly WaitReason[]; readonly fault?: GateFault } {
  try {
    return { reasons: parts[part](question) };
  } catch (thrown) {
    const holds = part === 'frozen';
    const error = thrown instanceof Error ? thrown.message : String(thrown);
    const fault: GateFault = { part, direction: holds ? 'holds' : 'opens', error, workItem: question.task.workItem };
    return { reasons: holds ? [unreadableFreeze(question.repo)] : [], fault };
  }
}

function unreadableFreeze(repo: string): WaitReason {
  return { code: 'freeze', ref: repo, since: '', actor: null, clearsWhen: `the freezes of ${repo} can be read again` };
}

/** AMB-21: a paused task's own job waits too. */
function paused({ task, switches }: Question): readonly WaitReason[] {
  if (!switches.pauseEnabled || !task.paused) return [];
  const { since, by: actor } = task.paused;
  return [{ code: 'paused', ref: task.workItem, since, actor, clearsWhen: `an operator resumes ${task.workItem}` }];
}

function frozen({ repo, state, switches }: Question): readonly WaitReason[] {
  if (!switches.freezeEnabled) return [];
  return state.freezes.map(({ reason, since, by: actor }) => ({
    code: 'freeze',
    ref: repo,
    since,
    actor,
    clearsWhen: `an operator unfreezes ${repo} (${reason})`,
  }));
}

/** TD-03, TD-04: only an end satisfies a dependency, never a pause. */
function dependencies({ task, switches }: Question): readonly WaitReason[] {
  return openDependencies(task, switches).map(({ workItem, since, by: actor }) => ({
    code: 'dependency',
    ref: workItem,
    since,
    actor,
    clearsWhen: `${workItem} is done or cancelled`,
  }));
}

function openDependencies(task: EnlistedTask, switches: Switches): EnlistedTask['dependsOn'] {
  return switches.dependenciesEnabled ? task.dependsOn.filter((dependency) => !dependency.ended) : [];
}

/**
 * A line is told as people stand in it: each names the one before it. Whoever named them all, or the one at the front, would say
 * something new at every end of a task, and a backlog of n would record n events each time.
 */
function activeTasks({ task, state, switches }: Question): readonly WaitReason[] {
  const ahead = state.tasks.filter(
    (other) => other.taskId !== task.taskId && isActive(other, switches) && isAhead(other, task, switches),
  );
  // Those who are in stand before all who are not, whatever their numbers.
  const last = ahead.findLast((other) => !other.admitted) ?? ahead.at(-1);
  if (!last) return [];
  const { workItem: ref, since } = last;
  return [{ code: 'active-task', ref, since, actor: null, clearsWhen: `${ref} is done, cancelled or paused` }];
}

/**
 * Whoever is not admitted waits for every admitted one, and for every smaller one, unless that one waits for a dependency (it yields
 * without losing its place). Whoever is admitted waits for smaller admitted ones only (SG-48): a smaller one that comes late, or
 * comes back before it ever was admitted, waits for it, and two would wait for each other for ever.
 * Strictly smaller: with "different", fresh tasks would block each other for ever (SG-08).
 */
function isAhead(other: EnlistedTask, task: EnlistedTask, switches: Switches): boolean {
  const isSmaller = other.taskId < task.taskId;
  if (other.admitted) return isSmaller || !task.admitted;
  return isSmaller && !task.admitted && openDependencies(other, switches).length === 0;
}

/** Unfinished and, where the pause layer is on, not paused (AMB-01). */
export function isActive(task: EnlistedTask, switches: Switches): boolean {
  return !(switches.pauseEnabled && task.paused);
}

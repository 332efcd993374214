import fc from 'fast-check';
import * as commands from '../../../src/domain/admission/commands.js';
import { admissionDecider } from '../../../src/domain/admission/decide.js';
import { edgesOf } from '../../../src/domain/admission/dependencies.js';
import type { AdmissionEvent, TaskInRepo } from '../../../src/domain/admission/events.js';
import { gateApplies } from '../../../src/domain/admission/serial-gate.js';
import type { AdmissionState } from '../../../src/domain/admission/state.js';
import type { DomainEvent, RecordedEvent } from '../../../src/kernel/event.js';
import type { Policy } from '../../../src/kernel/pipeline/policy.js';
import { isRefused } from '../../../src/kernel/refused.js';
import { Board, type BoardJob } from '../../../src/queue/board.js';
import { at, commandContext } from '../given.js';
import { DEFAULT_POLICY, policyWith } from '../policy.js';

export const REPOS = ['enduro-trails', 'orchestrator'] as const;
export const OUTSIDE = 'OUT-001';
const TASKS_MAX = 10;
const POLICIES = [
  DEFAULT_POLICY,
  policyWith({ serialGate: { enabled: false } }),
  policyWith({ serialGate: { freezeEnabled: false } }),
  policyWith({ serialGate: { pauseEnabled: false } }),
  policyWith({ serialGate: { dependenciesEnabled: false } }),
  policyWith({ serialGate: { repos: [REPOS[0]] } }),
];

export interface Move {
  readonly kind: keyof typeof MOVES;
  readonly taskId: number;
  readonly other: number;
}

/** One run of an agent: which job, of which task. */
export interface Claimed {
  readonly job: BoardJob;
  readonly task: TaskInRepo;
  readonly frozen: boolean;
  readonly answer: readonly string[];
}

/** A few repositories with their tasks, the board that hears their log in order, and what the saga has not told them yet. */
export class World {
  readonly log: { readonly repo: string; readonly event: RecordedEvent }[] = [];
  readonly states = new Map<string, AdmissionState>(REPOS.map((repo) => [repo, admissionDecider.initial]));
  readonly claims: Claimed[] = [];
  readonly everPaused = new Set<number>();
  readonly running = new Map<number, BoardJob>();
  readonly unheard: commands.AdmissionCommand[] = [];
  policy: Policy = DEFAULT_POLICY;
  private readonly board = new Board();
  private readonly open = new Map<number, TaskInRepo>();
  private readonly ended = new Set<string>();
  private jobs = 1000;
  private asked = 0;

  get tasks(): readonly TaskInRepo[] {
    return [...this.open.values()];
  }

  task(taskId: number): TaskInRepo | undefined {
    return this.open.get(taskId);
  }

  state(repo: string): AdmissionState {
    return this.states.get(repo) ?? admissionDecider.initial;
  }

  openTask(taskId: number): void {
    const workItem = itemOf(taskId);
    if (this.open.has(taskId) || this.ended.has(workItem)) return;
    const task = { repo: REPOS[taskId % 2] ?? REPOS[0], taskId, workItem };
    this.open.set(taskId, task);
    this.later(new commands.EnlistTask(...this.wish(task)));
    this.queue(task, 'analyst');
  }

  /** The task is over; whatever it still had goes with it. */
  end(task: TaskInRepo): void {
    for (const [id, job] of this.running) if (job.taskId === task.taskId) this.finish(id, 'JobCancelled');
    this.open.delete(task.taskId);
    this.outside(task.workItem, task);
  }

  outside(workItem: string, task?: TaskInRepo): void {
    this.ended.add(workItem);
    if (task) this.later(new commands.RetireTask(...this.wish(task)));
    for (const repo of REPOS) this.later(new commands.ReportPrerequisiteEnded(...this.wish({ repo, workItem })));
  }

  queue(task: TaskInRepo, agent: string): void {
    this.jobs += 1;
    const data = { ...task, jobId: this.jobs, agent };
    this.record(task.repo, { type: 'JobQueued', data });
    if (agent === 'analyst') this.later(new commands.RequestAdmission(...this.wish({ ...task, jobId: this.jobs })));
  }

  /** What the worker does with a free slot. */
  claim(): void {
    const job = this.board.take(0);
    const task = job && this.open.get(job.taskId ?? 0);
    if (!job || !task) return;
    const { freezes } = this.state(task.repo);
    const { freezeEnabled } = this.policy.serialGate;
    const frozen = freezeEnabled && gateApplies(task.repo, this.policy.serialGate) && freezes.length > 0;
    this.claims.push({ job, task, frozen, answer: this.heldNow(task) });
    this.running.set(job.id, job);
    this.record(task.repo, { type: 'JobClaimed', data: { ...refOf(job), runId: `run-${job.id}` } });
    this.close(job, true);
  }

  finish(jobId: number, type: 'JobSucceeded' | 'JobRequeued' | 'JobCancelled'): void {
    const job = this.running.get(jobId);
    const task = job && this.open.get(job.taskId ?? 0);
    if (!job || !task) return;
    this.running.delete(jobId);
    this.record(task.repo, { type, data: { ...refOf(job), availableAt: null } });
    if (type === 'JobCancelled') this.close(job, false);
    else if (job.agent === 'analyst') this.goOn(task, jobId, type);
  }

  private goOn(task: TaskInRepo, jobId: number, type: 'JobSucceeded' | 'JobRequeued'): void {
    if (type === 'JobSucceeded') this.queue(task, 'developer');
    else this.later(new commands.RequestAdmission(...this.wish({ ...task, jobId })));
  }

  depend(task: TaskInRepo, dependsOn: string): void {
    const elsewhere = REPOS.filter((repo) => repo !== task.repo).flatMap((repo) => edgesOf(this.state(repo)));
    const ended = this.ended.has(dependsOn);
    this.decide(new commands.DeclareDependency(...this.wish({ ...task, dependsOn, ended, elsewhere })));
  }

  switchTo(policy: Policy): void {
    this.policy = policy;
    for (const repo of REPOS) this.later(new commands.ReassessRepo(...this.wish({ repo })));
  }

  /** The saga delivers one event's commands, or all of them. */
  hear(all: boolean): void {
    for (let next = this.unheard.shift(); next; next = all ? this.unheard.shift() : undefined) this.decide(next);
  }

  decide(command: commands.AdmissionCommand): void {
    const { repo } = command.payload;
    const decision = admissionDecider.decide(command, this.state(repo), this.policy);
    if (isRefused(decision)) return;
    for (const event of decision) this.record(repo, event);
  }

  wish<Payload>(payload: Payload): [string, Payload, ReturnType<typeof commandContext>] {
    this.asked += 1;
    return ['stream-1', payload, commandContext({ commandId: `command-${this.asked}`, at: at(this.asked) })];
  }

  private heldNow(task: TaskInRepo): readonly string[] {
    const held = this.state(task.repo).waiting.find((job) => job.taskId === task.taskId)?.held ?? [];
    return held.map(({ code }) => code);
  }

  private close(job: BoardJob, claimed: boolean): void {
    if (job.agent !== 'analyst') return;
    this.later(new commands.CloseAdmission(...this.wish({ repo: job.repo, jobId: job.id, claimed })));
  }

  private later(command: commands.AdmissionCommand): void {
    this.unheard.push(command);
  }

  private record(repo: string, fact: DomainEvent): void {
    const position = this.log.length + 1;
    const event = { ...fact, position, revision: position, stream: repo } as unknown as RecordedEvent;
    this.log.push({ repo, event });
    this.board.apply(event as Parameters<Board['apply']>[0]);
    if (fact.type in admissionDecider.events)
      this.states.set(repo, admissionDecider.evolve(this.state(repo), event as never));
  }
}

/** What may come next; what does not fit changes nothing. */
const MOVES = {
  open: (world, { taskId }) => world.openTask(taskId),
  claim: (world) => world.claim(),
  succeed: (world, { taskId }) => ofTask(world, taskId, (id) => world.finish(id, 'JobSucceeded')),
  fail: (world, { taskId }) => ofTask(world, taskId, (id) => world.finish(id, 'JobRequeued')),
  end: (world, { taskId }) => onTask(world, taskId, (task) => world.end(task)),
  rework: (world, { taskId }) => onTask(world, taskId, (task) => rework(world, task)),
  pause: (world, { taskId }) => onTask(world, taskId, (task) => pause(world, task)),
  resume: (world, { taskId }) =>
    onTask(world, taskId, (task) => world.decide(new commands.ResumeTask(...world.wish(task)))),
  freeze: (world, { taskId }) => {
    const repo = REPOS[taskId % 2] ?? REPOS[0];
    world.decide(new commands.FreezeRepo(...world.wish({ repo, reason: 'DEGRADED', workItem: null })));
  },
  unfreeze: (world, { taskId }) =>
    world.decide(new commands.UnfreezeRepo(...world.wish({ repo: REPOS[taskId % 2] ?? REPOS[0] }))),
  depend: (world, { taskId, other }) =>
    onTask(world, taskId, (task) => world.depend(task, other > TASKS_MAX ? OUTSIDE : itemOf(other))),
  withdraw: (world, { taskId }) => onTask(world, taskId, (task) => withdraw(world, task)),
  outsideEnds: (world) => world.outside(OUTSIDE),
  switch: (world, { other }) => world.switchTo(POLICIES[other % POLICIES.length] ?? DEFAULT_POLICY),
  hear: (world) => world.hear(false),
} satisfies Record<string, (world: World, move: { taskId: number; other: number }) => void>;

function itemOf(taskId: number): string {
  return `IT-${String(taskId).padStart(3, '0')}`;
}

function refOf({ id: jobId, taskId, workItem, repo, agent }: BoardJob) {
  return { jobId, taskId, workItem, repo, agent };
}

function onTask(world: World, taskId: number, act: (task: TaskInRepo) => void): void {
  const task = world.task(taskId);
  if (task) act(task);
}

function ofTask(world: World, taskId: number, act: (jobId: number) => void): void {
  for (const [id, job] of world.running) if (job.taskId === taskId) return act(id);
}

/** A person sends the analysis back; only one job of a task is open at a time. */
function rework(world: World, task: TaskInRepo): void {
  const isBusy = [...world.running.values()].some((job) => job.taskId === task.taskId);
  const waits = world.state(task.repo).waiting.some((job) => job.taskId === task.taskId);
  const { admitted } = world.state(task.repo).tasks.find((one) => one.taskId === task.taskId) ?? {};
  if (admitted && !isBusy && !waits && world.unheard.length === 0) world.queue(task, 'analyst');
}

function withdraw(world: World, task: TaskInRepo): void {
  const [first] = world.state(task.repo).tasks.find(({ taskId }) => taskId === task.taskId)?.dependsOn ?? [];
  if (first) world.decide(new commands.WithdrawDependency(...world.wish({ ...task, dependsOn: first.workItem })));
}

function pause(world: World, task: TaskInRepo): void {
  world.everPaused.add(task.taskId);
  world.decide(new commands.PauseTask(...world.wish(task)));
}

const WEIGHTS: Partial<Record<Move['kind'], number>> = {
  ...{ open: 6, claim: 8, succeed: 3, fail: 3, end: 3 },
  ...{ depend: 3, hear: 6 },
};

/** Random courses of these moves; with a few of them left out. */
export function courses(...without: readonly Move['kind'][]): fc.Arbitrary<readonly Move[]> {
  const kinds = (Object.keys(MOVES) as Move['kind'][]).filter((kind) => !without.includes(kind));
  const weighted = kinds.map((kind) => ({ arbitrary: fc.constant(kind), weight: WEIGHTS[kind] ?? 1 }));
  const move = fc.record({
    kind: fc.oneof(...weighted),
    taskId: fc.integer({ min: 1, max: TASKS_MAX }),
    other: fc.integer({ min: 1, max: TASKS_MAX + 2 }),
  });
  return fc.array(move, { maxLength: 70, size: 'max' });
}

/** Plays a course and shows the world after every move; `prompt`: the saga is never behind. */
export function play(moves: readonly Move[], look: (world: World) => void, prompt = true): World {
  const world = new World();
  for (const move of moves) {
    MOVES[move.kind](world, move);
    if (prompt) world.hear(true);
    look(world);
  }
  return world;
}

/** The facts of one repository's admission, in their order. */
export function factsOf(world: World, repo: string): readonly AdmissionEvent[] {
  return world.log
    .filter((entry) => entry.repo === repo && entry.event.type in admissionDecider.events)
    .map(({ event }) => event as unknown as AdmissionEvent);
}

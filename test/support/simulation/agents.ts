import type { BoardJob } from '../../../src/queue/board.js';
import { Board, BOARD_EVENTS } from '../../../src/queue/board.js';
import { LIMIT_EVENTS, StartLimits } from '../../../src/queue/start-limits.js';
import * as job from '../../../src/domain/job/commands.js';
import type { JobClaimed, JobReaped, RunEnded, RunFailure } from '../../../src/domain/job/events.js';
import type { RecordedEvent } from '../../../src/kernel/event.js';
import { isRefused } from '../../../src/kernel/refused.js';
import { toIso } from '../../../src/kernel/time.js';
import type { Simulation } from './simulation.js';

type Claimed = RecordedEvent<JobClaimed>;

const BOOT = 'b0075eed-0000-4000-8000-000000000001';
const LOOK_S = 60;

/** The worker with the real board, and agents whose runs end well, badly, or without anybody noticing. */
export class Agents {
  readonly #board: Board;
  readonly #limits: StartLimits;
  #wakesAtMs = 0;

  constructor(private readonly simulation: Simulation) {
    const { policy } = simulation;
    this.#limits = new StartLimits(policy);
    this.#board = new Board(policy.serialGate.pauseEnabled, (workItem) => this.#limits.isSpent(workItem));
    simulation.onEvent((event) => this.#hear(event));
  }

  async #hear(event: RecordedEvent): Promise<void> {
    const { type } = event;
    if (!MINDED.has(type)) return;
    if (LIMITS.has(type)) this.#limits.apply(event as Parameters<StartLimits['apply']>[0], this.simulation.nowMs);
    if (BOARD.has(type)) this.#board.apply(event as Parameters<Board['apply']>[0]);
    if (type === 'JobClaimed') this.#run(event as Claimed);
    if (type === 'RunEnded') this.#publish(event as RecordedEvent<RunEnded>);
    if (type === 'JobReaped' || type === 'JobCancelled') this.#stop(event as RecordedEvent<JobReaped>);
    await this.#claimAll();
  }

  async #claimAll(): Promise<void> {
    const { simulation } = this;
    while (this.#board.running < simulation.policy.maxConcurrency && this.#limits.allows(simulation.nowMs)) {
      const taken = this.#board.take(simulation.nowMs);
      if (!taken) break;
      this.#limits.started(taken.id);
      await this.#claim(taken);
    }
    this.#wakeLater();
  }

  async #claim(taken: BoardJob): Promise<void> {
    const payload = { runId: this.simulation.id('run'), worker: 'build-host-1' };
    const by = { actor: 'policy:worker', correlationId: taken.workItem ?? `job-${taken.id}` };
    const answer = await this.simulation.wish(job.ClaimJob, `job-${taken.id}`, payload, by);
    if (!isRefused(answer)) return;
    this.#limits.notStarted(taken.id);
    this.#board.setAside(taken);
  }

  #wakeLater(): void {
    const times = [this.#board.nextDueAt, this.#limits.nextAt(this.simulation.nowMs)].filter((time) => time !== null);
    const atMs = Math.min(...times);
    if (!Number.isFinite(atMs) || (this.#wakesAtMs > this.simulation.nowMs && this.#wakesAtMs <= atMs)) return;
    this.#wakesAtMs = atMs;
    this.simulation.after(Math.max(0.01, (atMs - this.simulation.nowMs) / 1_000), () => this.#claimAll());
  }

  #run(claimed: Claimed): void {
    const { random } = this.simulation;
    this.simulation.after(random.between(0.2, 3), () => this.#start(claimed));
  }

  async #start(claimed: Claimed): Promise<void> {
    const { simulation } = this;
    const { random } = simulation;
    const process = { pid: random.whole(1_000, 60_000), startTicks: random.whole(1e6, 1e9), bootId: BOOT };
    const where = {
      runDirectory: `runs/${claimed.data.runId}`,
      since: random.hex(40),
      startedAt: toIso(simulation.nowMs),
    };
    await simulation.report(claimed, job.ReportRunStarted, claimed.stream, {
      ...attemptOf(claimed),
      ...process,
      ...where,
    });
    if (random.chance(0.01)) simulation.after(LOOK_S, () => this.#look(claimed, process.pid));
    else simulation.after(random.between(40, 1_200), () => this.#end(claimed, where.since));
  }

  async #end(claimed: Claimed, since: string): Promise<void> {
    const { simulation } = this;
    const { random } = simulation;
    const failure = this.#failureOf();
    const tokens = { inputTokens: random.whole(2_000, 90_000), outputTokens: random.whole(300, 12_000) };
    const costUsd = random.chance(0.02) ? null : Math.round(random.between(0.01, 1.4) * 10_000) / 10_000;
    const session = { turns: random.whole(2, 40), sessionId: simulation.id('session') };
    await simulation.report(claimed, job.ReportRunEnded, claimed.stream, {
      ...attemptOf(claimed),
      ...{ exitCode: failure ? 1 : 0, signal: null, since, failure, costUsd },
      ...tokens,
      ...session,
      endedAt: toIso(simulation.nowMs),
    });
  }

  #failureOf(): RunFailure | null {
    const { random, nowMs } = this.simulation;
    if (random.chance(0.955)) return null;
    const kind = random.pick(['transient', 'transient', 'transient', 'broken', 'broken', 'limit']);
    if (kind === 'limit') {
      const resetsAt = toIso(nowMs + 1_800_000);
      return { class: 'usage-limit', transient: true, reason: 'usage limit reached', resetsAt };
    }
    if (kind === 'transient')
      return { class: 'api', transient: true, reason: 'the API answered 529 (overloaded)', resetsAt: null };
    return { class: 'error', transient: false, reason: 'the last result says is_error', resetsAt: null };
  }

  #publish(ended: RecordedEvent<RunEnded>): void {
    if (ended.data.failure) return;
    const { simulation } = this;
    const { random } = simulation;
    const { fence, runId } = ended.data;
    const artifact = { path: `docs/work-items/${ended.metadata.$correlationId}/12-review.md`, digest: random.hex(64) };
    const commit = { head: random.hex(40), codeTree: random.hex(40) };
    const payload = { fence, runId, commit, artifacts: [artifact], pullRequest: random.whole(1, 9_999) };
    simulation.after(random.between(1, 8), async () => {
      await simulation.report(ended, job.CompleteJob, ended.stream, payload);
    });
  }

  /** Its process died without a word: the reaper suspects, and looks again. */
  async #look(claimed: Claimed, pid: number, looks = 1): Promise<void> {
    const evidence = { process: 'dead', pid, exit: null } as const;
    const payload = { fence: claimed.revision, evidence };
    await this.simulation.report({ event: claimed, actor: 'policy:reaper' }, job.JudgeRun, claimed.stream, payload);
    if (looks < 3) this.simulation.after(LOOK_S, () => this.#look(claimed, pid, looks + 1));
  }

  #stop(event: RecordedEvent<JobReaped>): void {
    const { runId } = event.data;
    if (runId === null) return;
    this.simulation.after(2, async () => {
      await this.simulation.report(event, job.ReportRunStopped, event.stream, { runId });
    });
  }
}

const BOARD: ReadonlySet<string> = new Set(BOARD_EVENTS);
const LIMITS: ReadonlySet<string> = new Set([...LIMIT_EVENTS, ...BOARD_EVENTS]);
const MINDED: ReadonlySet<string> = new Set([...LIMITS, 'RunEnded', 'JobReaped']);

function attemptOf({ revision, data: { runId } }: Claimed) {
  return { fence: revision, runId };
}

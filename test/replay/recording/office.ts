import { ClaimJob, CompleteJob, JudgeRun, ReportRunEnded, ReportRunStarted } from '../../../src/domain/job/commands.js';
import type { JobClaimed, JobEvent, RunFailure } from '../../../src/domain/job/events.js';
import type { RunEvidence } from '../../../src/domain/job/judge.js';
import { ObserveItem } from '../../../src/domain/inbox/commands.js';
import { AnswerGateCheck, ReportMerged } from '../../../src/domain/task/commands.js';
import type { GateCheckRequested, MergeRequested } from '../../../src/domain/task/events.js';
import type { Recorded, RecordedEvent } from '../../../src/kernel/event.js';
import type { StatusKey } from '../../../src/kernel/pipeline/stage.js';
import { toIso } from '../../../src/kernel/time.js';
import { Board } from '../../../src/queue/board.js';
import type { Recording } from './recording.js';

type Claim = RecordedEvent<JobClaimed>;

/** Who works around the pipeline: people in the tracker, a worker with slots, agents, and whoever reads gates. */
export class Office {
  private readonly board: Board;
  private readonly running = new Map<string, Claim>();
  private readonly checks: RecordedEvent<GateCheckRequested>[] = [];
  private readonly merges: RecordedEvent<MergeRequested>[] = [];
  private readonly statuses = new Map<string, string>();
  private readonly taskIds = new Map<string, number>();

  constructor(private readonly recording: Recording) {
    this.board = new Board(recording.settings.serialGate.pauseEnabled);
    recording.onEvent((event) => this.hear(event));
  }

  /** Time goes by. */
  minutes(count: number): void {
    this.recording.nowMs += count * 60_000;
  }

  at(iso: string): void {
    this.recording.nowMs = Date.parse(iso);
  }

  /** A person moves the item, as the tracker's webhook tells. */
  async moves(by: string, workItem: string, toKey: StatusKey, title = workItem): Promise<void> {
    const { repo, planeProjectId: projectId } = this.projectOf(workItem);
    const entry = { fromId: this.statuses.get(workItem) ?? 'todo', toId: toKey, toKey, by: `plane:${by}`, ours: false };
    this.statuses.set(workItem, toKey);
    const itemId = `item-${workItem.toLowerCase()}`;
    const item = { itemId, projectId, workItem, repo, title, description: '' };
    await this.recording.wish(
      ObserveItem,
      `inbox-plane-item-${itemId}`,
      { ...item, entries: [{ ...entry, via: 'webhook' }], feedback: [] },
      { actor: `plane:${by}`, correlationId: workItem },
    );
    await this.settle();
  }

  /** The agent at work on the item ends well, its work is published, and its gates are green. */
  async delivers(workItem: string, costUsd = 1.5): Promise<void> {
    const claim = this.claimOf(workItem);
    await this.ends(claim, null, costUsd);
    const [ended] = await this.recording.log.readStream(claim.stream, { direction: 'backwards', limit: 1 });
    const published = { fence: claim.revision, runId: claim.data.runId, commit: commitOf(claim), pullRequest: 7 };
    const artifacts = [{ path: `docs/work-items/${workItem}/${claim.data.agent}.md`, digest: 'd'.repeat(64) }];
    await this.recording.wish(CompleteJob, claim.stream, { ...published, artifacts }, because(ended ?? claim));
    await this.settle();
  }

  /** The agent at work on the item fails. */
  async fails(workItem: string, failure: RunFailure): Promise<void> {
    await this.ends(this.claimOf(workItem), failure, 0.4);
    await this.settle();
  }

  /** The reaper looks at the run of the item. */
  async reaperLooks(workItem: string, evidence: RunEvidence): Promise<void> {
    const claim = this.claimOf(workItem);
    const by = { ...because(claim), actor: 'policy:reaper' };
    await this.recording.wish(JudgeRun, claim.stream, { fence: claim.revision, evidence }, by);
    await this.settle();
  }

  taskOf(workItem: string) {
    return { repo: this.projectOf(workItem).repo, taskId: this.taskIds.get(workItem) ?? 0, workItem };
  }

  claimOf(workItem: string): Claim {
    const claim = this.running.get(workItem);
    if (!claim) throw new TypeError(`Nobody works on ${workItem}`);
    return claim;
  }

  /** Gates are read, merges made and free slots filled, until nothing is left to do. */
  async settle(): Promise<void> {
    for (;;) {
      const check = this.checks.shift();
      const merge = this.merges.shift();
      if (check) await this.green(check);
      else if (merge) await this.merge(merge);
      else if (!(await this.claim())) return;
    }
  }

  private async ends({ stream, revision: fence, data, id }: Claim, failure: RunFailure | null, costUsd: number) {
    const usage = { costUsd, inputTokens: 20_000, outputTokens: 1_500, endedAt: toIso(this.recording.nowMs) };
    const end = { exitCode: failure ? 1 : 0, signal: null, since: 'c0ffee', failure };
    const by = { actor: `agent:${data.agent}`, correlationId: data.workItem ?? stream, causationId: id };
    await this.recording.wish(ReportRunEnded, stream, { fence, runId: data.runId, ...end, ...usage }, by);
  }

  private async green(check: RecordedEvent<GateCheckRequested>): Promise<void> {
    const { visit, round, commit, gates } = check.data;
    this.recording.nowMs += 2_000;
    const evidence = { commit: commit.head };
    const readings = gates.map((gate) => ({ gate, answer: 'passed' as const, reason: 'as it should be', evidence }));
    await this.recording.wish(
      AnswerGateCheck,
      check.stream,
      { visit, round, head: commit.head, readings },
      because(check),
    );
  }

  private async merge(request: RecordedEvent<MergeRequested>): Promise<void> {
    const { visit, pullRequest, commit } = request.data;
    const merged = { head: `${commit.head}-merged`, codeTree: commit.codeTree };
    await this.recording.wish(ReportMerged, request.stream, { visit, pullRequest, commit: merged }, because(request));
  }

  private async claim(): Promise<boolean> {
    if (this.board.running >= this.recording.settings.maxConcurrency) return false;
    const job = this.board.take(this.recording.nowMs);
    if (!job) return false;
    const runId = this.recording.newId('run', job.id, this.recording.nowMs);
    const by = { actor: 'policy:worker', correlationId: job.workItem ?? `job-${job.id}` };
    const [claimed] = await this.recording.wish(ClaimJob, `job-${job.id}`, { runId, worker: 'ci-1' }, by);
    if (claimed) await this.begins(claimed as Claim);
    return true;
  }

  private async begins(claim: Claim): Promise<void> {
    const { runId } = claim.data;
    const process = { pid: 4000 + (claim.position % 1000), startTicks: claim.position, bootId: 'boot-1' };
    const where = { runDirectory: `runs/${runId}`, since: 'c0ffee', startedAt: toIso(this.recording.nowMs) };
    const payload = { fence: claim.revision, runId, ...process, ...where };
    await this.recording.wish(ReportRunStarted, claim.stream, payload, because(claim));
  }

  private hear(event: RecordedEvent): void {
    this.board.apply(event as Recorded<JobEvent>);
    const { workItem } = event.data as { readonly workItem?: string };
    switch (event.type) {
      case 'TaskOpened':
        return void this.taskIds.set(workItem ?? '', (event.data as { taskId: number }).taskId);
      case 'JobClaimed':
        return void this.running.set(workItem ?? '', event as Claim);
      case 'GateCheckRequested':
        return void this.checks.push(event as RecordedEvent<GateCheckRequested>);
      case 'MergeRequested':
        return void this.merges.push(event as RecordedEvent<MergeRequested>);
    }
  }

  private projectOf(workItem: string) {
    const project = this.recording.settings.projects.find(({ prefix }) => workItem.startsWith(`${prefix}-`));
    if (!project) throw new TypeError(`No project has items like ${workItem}`);
    return project;
  }
}

function commitOf({ position }: Claim) {
  const head = position.toString(16).padStart(8, '0').repeat(5);
  return { head, codeTree: head.split('').reverse().join('') };
}

function because(event: RecordedEvent) {
  return { actor: 'system', correlationId: event.metadata.$correlationId, causationId: event.id };
}

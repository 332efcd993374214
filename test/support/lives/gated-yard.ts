import { Aggregates } from '../../../src/commands/aggregates.js';
import { DECIDERS } from '../../../src/commands/deciders.js';
import { Transact } from '../../../src/commands/transact.js';
import * as admission from '../../../src/domain/admission/commands.js';
import * as jobs from '../../../src/domain/job/commands.js';
import { InMemoryEventLog } from '../../../src/event-log/in-memory/in-memory-event-log.js';
import { InMemorySnapshots } from '../../../src/event-log/snapshots.js';
import type { Answer } from '../../../src/kernel/answer.js';
import { BackgroundStats } from '../../../src/kernel/background-stats.js';
import type { Command } from '../../../src/kernel/command.js';
import type { AnyDecider, CommandClass } from '../../../src/kernel/decider.js';
import type { Policy } from '../../../src/kernel/pipeline/policy.js';
import { isRefused } from '../../../src/kernel/refused.js';
import { STAGES, type Stage } from '../../../src/kernel/pipeline/stage.js';
import { queueAt } from '../../../src/projections/queue/queue-at.js';
import type { QueueSnapshot } from '../../../src/projections/queue/queue-snapshot.js';
import type { RepoQueue } from '../../../src/projections/queue/repo-queue.js';
import { Board } from '../../../src/queue/board.js';
import { commandsOf } from '../../../src/sagas/saga.js';
import { serialGateSaga } from '../../../src/sagas/serial-gate.js';
import { commandContext } from '../given.js';
import { DEFAULT_POLICY } from '../policy.js';
import { TaskStory } from '../task-story.js';

/** Tasks of any stage, with the real decisions about their jobs: log, deciders, the saga of the gate, board, queue. */
export class GatedYard {
  readonly log = new InMemoryEventLog();
  private transact: Transact;
  private heard = 0;
  private asked = 0;

  constructor(private policy: Policy = DEFAULT_POLICY) {
    this.transact = this.started();
  }

  /** The service stops, and starts again with nothing but its log. */
  restart(policy = this.policy): void {
    this.policy = policy;
    this.transact = this.started();
  }

  async task(workItem: string, stage: Stage, repo = 'orchestrator'): Promise<TaskStory> {
    const story = new TaskStory(this.log, workItem, repo);
    await story.open();
    const ahead = STAGES.slice(STAGES.indexOf('analysis') + 1, STAGES.indexOf(stage) + 1);
    // Whoever stands further on has been through analysis.
    if (ahead.length > 0) await this.claimed(await this.job(story));
    for (const next of ahead) await story.advance(next);
    await this.settle();
    return story;
  }

  /** The task with its analyst's job queued; the answer is the job's number. */
  async waiting(workItem: string, repo?: string): Promise<{ readonly story: TaskStory; readonly job: number }> {
    const story = await this.task(workItem, 'analysis', repo);
    return { story, job: await this.job(story) };
  }

  async job({ taskId, workItem, repo, visit }: TaskStory, agent = 'analyst'): Promise<number> {
    const jobId = (await this.log.head()) + 1000;
    const stage = agent === 'analyst' ? 'analysis' : 'development';
    const payload = { jobId, taskId, workItem, repo, agent, stage, visit, round: jobId, feedback: [] } as const;
    await this.send(jobs.QueueJob, `job-${jobId}`, payload);
    await this.settle();
    return jobId;
  }

  /** What one free slot would take now, and takes; null when nothing may start. */
  async claim(): Promise<number | null> {
    const next = (await this.board()).next(Date.now());
    if (next !== null) await this.claimed(next);
    return next;
  }

  /** The attempt came to nothing; the job is queued again at once. */
  async requeue(job: number): Promise<void> {
    const [claim] = await this.log.readStream(`job-${job}`, { direction: 'backwards', limit: 1 });
    const lost = { fence: claim?.revision ?? 0, reason: 'lost', transient: false };
    await this.send(jobs.AbandonAttempt, `job-${job}`, lost);
    await this.settle();
  }

  /** True when it changed something. */
  async pause({ repo, taskId, workItem }: TaskStory): Promise<boolean> {
    return this.changed(await this.send(admission.PauseTask, `admission-${repo}`, { repo, taskId, workItem }));
  }

  async resume({ repo, taskId, workItem }: TaskStory): Promise<boolean> {
    return this.changed(await this.send(admission.ResumeTask, `admission-${repo}`, { repo, taskId, workItem }));
  }

  async freeze(repo = 'orchestrator'): Promise<boolean> {
    const cause = { repo, reason: 'DEGRADED', workItem: null };
    return this.changed(await this.send(admission.FreezeRepo, `admission-${repo}`, cause));
  }

  async unfreeze(repo = 'orchestrator'): Promise<boolean> {
    return this.changed(await this.send(admission.UnfreezeRepo, `admission-${repo}`, { repo }));
  }

  async depend({ repo, taskId, workItem }: TaskStory, on: TaskStory): Promise<boolean> {
    const payload = { repo, taskId, workItem, dependsOn: on.workItem, ended: false, elsewhere: [] };
    return this.changed(await this.send(admission.DeclareDependency, `admission-${repo}`, payload));
  }

  async done(story: TaskStory): Promise<void> {
    await story.advance('done');
    await this.settle();
  }

  async gate(): Promise<QueueSnapshot['serial_gate']> {
    const settings = { policy: this.policy, pollIntervalS: 5, stats: new BackgroundStats() };
    return (await queueAt(this.log, await this.log.head(), settings)).serial_gate;
  }

  async repo(name = 'orchestrator'): Promise<RepoQueue> {
    const { per_repo: repos } = await this.gate();
    const found = repos[name];
    if (!found) throw new Error(`${name} is not shown, only ${Object.keys(repos).join(', ')}`);
    return found;
  }

  /** Made from the whole log each time, as a start does. */
  private async board(): Promise<Board> {
    const board = new Board(this.policy.serialGate.pauseEnabled);
    for (const event of await this.log.readAll()) board.apply(event as Parameters<Board['apply']>[0]);
    return board;
  }

  private async claimed(job: number): Promise<void> {
    await this.send(jobs.ClaimJob, `job-${job}`, { runId: `run-${job}`, worker: 'here' });
    await this.settle();
  }

  /** The saga hears everything that it has not heard yet. */
  private async settle(): Promise<void> {
    const events = await this.log.readAll({ after: this.heard });
    for (const event of events) {
      this.heard = event.position;
      if (!serialGateSaga.types.includes(event.type)) continue;
      for (const command of commandsOf(serialGateSaga, event, this.policy)) await this.execute(command);
    }
    if (events.length > 0) await this.settle();
  }

  private async send<C extends Command>(
    type: new (stream: string, payload: C['payload'], context: Command['context']) => C,
    stream: string,
    payload: C['payload'],
  ): Promise<Answer> {
    this.asked += 1;
    const context = commandContext({ commandId: `asked-${this.asked}`, actor: 'operator:ann' });
    return this.execute(new type(stream, payload, context));
  }

  private execute(command: Command): Promise<Answer> {
    const decider = DECIDERS.find(({ commands }: AnyDecider) =>
      (commands as readonly CommandClass[]).includes(command.constructor as CommandClass),
    );
    if (!decider) throw new Error(`Nobody decides ${command.type}`);
    return this.transact.run(decider, command);
  }

  private changed(answer: Answer): boolean {
    return !isRefused(answer) && answer.events.length > 0;
  }

  private started(): Transact {
    return new Transact(this.log, new Aggregates(this.log, new InMemorySnapshots()), this.policy);
  }
}

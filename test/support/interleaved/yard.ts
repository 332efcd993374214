import { Aggregates } from '../../../src/commands/aggregates.js';
import { Transact } from '../../../src/commands/transact.js';
import * as admission from '../../../src/domain/admission/commands.js';
import { ObserveItem, ReceiveDelivery } from '../../../src/domain/inbox/commands.js';
import * as task from '../../../src/domain/task/commands.js';
import type { GateCheckRequested, WorkRequested } from '../../../src/domain/task/events.js';
import { STAGE_TABLE } from '../../../src/domain/task/stages.js';
import type { DeliveryReceived } from '../../../src/domain/inbox/events.js';
import type { TrackerDelivery } from '../../../src/integrations/tracker.js';
import { InMemorySnapshots } from '../../../src/event-log/snapshots.js';
import type { Answer } from '../../../src/kernel/answer.js';
import type { Command, CommandContext } from '../../../src/kernel/command.js';
import type { Recorded, RecordedEvent } from '../../../src/kernel/event.js';
import { SAGAS } from '../../../src/sagas/every-saga.js';
import { intakeSaga } from '../../../src/sagas/intake.js';
import { pipelineSaga } from '../../../src/sagas/pipeline.js';
import { serialGateSaga } from '../../../src/sagas/serial-gate.js';
import { commandsOf, type Saga } from '../../../src/sagas/saga.js';
import { toIso } from '../../../src/kernel/time.js';
import { PERSON } from './desk.js';
import { deciderOf, Orchestrator } from './orchestrator.js';
import { digestOf } from './repository.js';
import { REPO, Surroundings } from './surroundings.js';

const SEEDING: readonly Saga[] = [intakeSaga, serialGateSaga];
type Work = Recorded<WorkRequested>;

/** Work items on their way to production, whoever acts on them, and the program that carries them, killed and started again. */
export class Yard {
  readonly around = new Surroundings();
  orchestrator: Orchestrator | null = null;
  private readonly transact: Transact;
  private asked = 0;
  private worked = 0;

  private constructor() {
    const { log, policy } = this.around;
    this.transact = new Transact(log, new Aggregates(log, new InMemorySnapshots()), policy);
  }

  /** So many items, each with its staging just asked for. */
  static async withItems(count: number): Promise<Yard> {
    const yard = new Yard();
    for (let made = 0; made < count; made += 1) await yard.item();
    const { log, checkpoints } = yard.around;
    for (const { name } of SAGAS) checkpoints.set(name, log.events.length);
    const staged = log.events.findIndex(
      ({ type, data }) => type === 'WorkRequested' && 'revision' in data && data.revision,
    );
    checkpoints.set(pipelineSaga.name, staged);
    yard.worked = log.events.length;
    yard.boot();
    return yard;
  }

  boot(): void {
    this.orchestrator = new Orchestrator(this.around);
    this.orchestrator.start();
  }

  kill(): void {
    if (this.orchestrator) this.around.end(this.orchestrator.life);
    this.orchestrator = null;
  }

  /** One turn of whoever could go on; false when nobody could. */
  async step(pick = 0): Promise<boolean> {
    this.orchestrator?.hear();
    await this.around.turns.settled();
    this.agentsWork();
    const ready = this.around.turns.ready();
    const turn = ready[pick % Math.max(1, ready.length)];
    this.around.nowMs += 1;
    if (!turn) return false;
    await this.around.turns.take(turn);
    return true;
  }

  /** A webhook reaches the door, or nobody is there. */
  async deliver(delivery: TrackerDelivery): Promise<void> {
    if (!this.orchestrator) return;
    const body = JSON.stringify(delivery);
    const digest = digestOf(body);
    const received = { source: 'plane', deliveryId: null, digest, event: 'issue', says: delivery, body: {} };
    const data = received as unknown as DeliveryReceived['data'];
    await this.send(ReceiveDelivery, `inbox-plane-${digest}`, data, { commandId: `delivery ${digest}` });
  }

  tick(): void {
    void this.orchestrator?.reconciler.tick();
  }

  freeze(): Promise<Answer> {
    const cause = { repo: REPO, reason: 'an operator froze it', workItem: null };
    return this.send(admission.FreezeRepo, `admission-${REPO}`, cause);
  }

  unfreeze(): Promise<Answer> {
    return this.send(admission.UnfreezeRepo, `admission-${REPO}`, { repo: REPO });
  }

  pause(taskId: number, isPaused: boolean): Promise<Answer> {
    const stream = `admission-${REPO}`;
    const about = { repo: REPO, taskId, workItem: this.nameOf(taskId) };
    return isPaused ? this.send(admission.PauseTask, stream, about) : this.send(admission.ResumeTask, stream, about);
  }

  cancel(taskId: number): Promise<Answer> {
    return this.send(task.CancelTask, `task-${taskId}`, { by: 'operator:ann', reason: 'cancelled' });
  }

  get taskIds(): readonly number[] {
    return this.events('TaskOpened').map(({ stream }) => Number(stream.slice('task-'.length)));
  }

  events(...types: readonly string[]): readonly RecordedEvent[] {
    return this.around.log.events.filter(({ type }) => types.includes(type));
  }

  private nameOf(taskId: number): string {
    return this.events('TaskOpened').find(({ stream }) => stream === `task-${taskId}`)?.metadata.$correlationId ?? '';
  }

  private async item(): Promise<void> {
    const { desk, clock } = this.around;
    const { itemId, sequenceId } = desk.create();
    const workItem = `ORCH-00${sequenceId}`;
    const entry = {
      fromId: 'Todo',
      toId: 'In Review',
      toKey: 'in_progress',
      by: `plane:${PERSON}`,
      ours: false,
    } as const;
    const entries = [{ ...entry, at: toIso(clock.now()), via: 'webhook' as const }];
    const about = { itemId, projectId: this.around.policy.projects[0]?.planeProjectId ?? '', workItem, repo: REPO };
    const text = { title: `Change ${sequenceId}`, description: '', feedback: [] };
    await this.send(ObserveItem, `inbox-plane-item-${itemId}`, { ...about, ...text, entries });
    const item = desk.items.at(-1);
    if (item) item.statusId = 'In Review';
    await this.pump();
    for (let stages = 0; stages < 5; stages += 1) await this.throughStage(workItem);
  }

  /** The work of one stage is done and judged well. */
  private async throughStage(workItem: string): Promise<void> {
    const work = this.works().findLast(({ data }) => data.workItem === workItem);
    if (!work) throw new Error(`Nothing is asked for of ${workItem}`);
    await this.publish(work);
    const check = this.events('GateCheckRequested').at(-1) as RecordedEvent<GateCheckRequested>;
    const { visit, round, commit, gates } = check.data;
    const readings = gates.map((gate) => ({ gate, answer: 'passed', reason: '', evidence: {} }) as const);
    const payload = { visit, round, head: commit.head, readings };
    await this.send(task.AnswerGateCheck, check.stream, payload, { causationId: check.id });
    if (work.data.stage === 'analysis') await this.send(task.ApproveTask, check.stream, { by: `plane:${PERSON}` });
    await this.pump();
  }

  private async pump(): Promise<void> {
    const { log, checkpoints, policy } = this.around;
    for (const saga of SEEDING) {
      const news = log.events.slice(checkpoints.get(saga.name) ?? 0);
      checkpoints.set(saga.name, log.events.length);
      const heard = news.filter(({ type }) => saga.types.includes(type));
      for (const command of heard.flatMap((event) => commandsOf(saga, event, policy))) await this.execute(command);
    }
  }

  /** Agents do what they are asked for, each in a turn of its own; a developer changes the code. */
  private agentsWork(): void {
    const news = this.around.log.events.slice(this.worked).filter(({ type }) => type === 'WorkRequested') as Work[];
    this.worked = this.around.log.events.length;
    for (const work of news.filter(({ data }) => data.performer === 'agent')) {
      const turn = this.around.turns.at(`an agent works for ${work.data.stage}`, OUTSIDE);
      void turn.then(() => this.publish(work));
    }
  }

  private async publish(work: Work): Promise<void> {
    const { taskId, workItem, stage, visit, round } = work.data;
    if (stage === 'created' || stage === 'done' || stage === 'cancelled') return;
    const branch = `feature/${workItem}-change-${Number(workItem.slice(-1))}`;
    const files = STAGE_TABLE[stage].artifacts.map((file) => `docs/work-items/${workItem}/${fileOf(file)}`);
    const texts = Object.fromEntries(files.map((path) => [path, textOf(path, work.id)]));
    const change = stage === 'development' ? `${workItem} visit ${visit}` : null;
    const { head, codeTree } = this.around.repository.work(branch, change, texts);
    const artifacts = Object.entries(texts).map(([path, text]) => ({ path, digest: digestOf(text) }));
    const pullRequest = this.around.repository.pullOf(branch);
    const done = { visit, round, by: 'agent', commit: { head, codeTree }, artifacts, pullRequest };
    await this.send(task.ReportWorkFinished, `task-${taskId}`, done);
  }

  private works(): readonly Work[] {
    return this.events('WorkRequested') as readonly Work[];
  }

  private send<C extends Command>(
    type: new (stream: string, payload: C['payload'], context: CommandContext) => C,
    stream: string,
    payload: C['payload'],
    given: Partial<CommandContext> = {},
  ): Promise<Answer> {
    const at = toIso(this.around.nowMs);
    const who = { actor: `plane:${PERSON}`, correlationId: stream, causationId: null };
    this.asked += 1;
    return this.execute(new type(stream, payload, { commandId: `asked ${this.asked}`, at, ...who, ...given }));
  }

  private execute(command: Command): Promise<Answer> {
    return this.transact.run(deciderOf(command.stream), command);
  }
}

const OUTSIDE = { isAlive: true };

function fileOf(artifact: string): string {
  return artifact.endsWith('-') ? `${artifact}1.md` : artifact;
}

function textOf(path: string, run: string): string {
  if (path.endsWith('12-review.md')) return `---\nverdict: APPROVED\n---\n${run}\n`;
  if (path.endsWith('13-test-report.md')) return `---\nresult: PASS\n---\n${run}\n`;
  return `${run}\n`;
}

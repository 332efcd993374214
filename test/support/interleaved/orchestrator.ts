import type { CommandBus } from '@nestjs/cqrs';
import { randomUUID } from 'node:crypto';
import { Aggregates } from '../../../src/commands/aggregates.js';
import { DECIDERS } from '../../../src/commands/deciders.js';
import { Transact } from '../../../src/commands/transact.js';
import type { LeaseInstance } from '../../../src/domain/merge-lease/events.js';
import type { AnyEffect } from '../../../src/effects/effect.js';
import { effectsOf, reconcilerOf, type World } from '../../../src/effects/every-effect.js';
import { Lanes } from '../../../src/effects/lanes.js';
import { LeaseSweep } from '../../../src/effects/merge-lease/lease-sweep.js';
import { MergeLeases } from '../../../src/effects/merge-lease/merge-leases.js';
import { outcomeOf } from '../../../src/effects/outcome-of.js';
import type { Reconciler } from '../../../src/effects/reconcile/reconciler.js';
import type { EventLog, Follow, FollowedPage } from '../../../src/event-log/event-log.js';
import { InMemorySnapshots } from '../../../src/event-log/snapshots.js';
import { assert } from '../../../src/kernel/assert.js';
import type { Answer } from '../../../src/kernel/answer.js';
import { BackgroundStats } from '../../../src/kernel/background-stats.js';
import type { Command } from '../../../src/kernel/command.js';
import type { RecordedEvent } from '../../../src/kernel/event.js';
import { isEffectIntent } from '../../../src/kernel/pipeline/effect-intents.js';
import { SAGAS } from '../../../src/sagas/every-saga.js';
import { commandsOf, type Saga } from '../../../src/sagas/saga.js';
import { Tables } from './tables.js';
import { never, type Life } from './turns.js';
import type { Surroundings } from './surroundings.js';

/** The program that is run: the deciders, sagas and effects that are in force, one turn at a time. */
export class Orchestrator {
  readonly life: Life = { isAlive: true };
  readonly commands: CommandBus;
  readonly reconciler: Reconciler;
  readonly failures: string[] = [];
  private readonly tables = new Tables();
  private readonly effects: readonly AnyEffect[];
  private readonly world: World;
  private readonly lanes = new Lanes();
  private heard: number;

  constructor(private readonly around: Surroundings) {
    const log = this.view(around.log);
    const transact = new Transact(log, new Aggregates(log, new InMemorySnapshots()), around.policy);
    const execute = (command: Command): Promise<Answer> => transact.run(deciderOf(command.stream), command);
    this.commands = { execute } as unknown as CommandBus;
    this.world = { ...this.inside(log), ...this.outside() } as unknown as World;
    const hands = { ...around.hands(this.life), leases: new MergeLeases(this.world, newInstance()) };
    this.effects = effectsOf(this.world, hands);
    this.reconciler = reconcilerOf(this.world, hands);
    this.tables.apply(around.log.events);
    this.heard = this.tables.position;
  }

  /** What every start does, in its order: sagas, what was left held, effects. */
  start(): void {
    for (const saga of SAGAS) void this.follow(saga);
    void this.takeUp();
  }

  /** Tells whoever listens of what is new in the log; the read models hear of it in a turn of their own. */
  hear(): void {
    const news = this.around.log.events.slice(this.heard);
    this.heard += news.length;
    for (const event of news) this.take(event);
    if (news.length > 0) void this.project();
  }

  private inside(log: EventLog) {
    const { policy, clock } = this.around;
    const waitFor = async (): Promise<boolean> => {
      this.catchUp();
      return true;
    };
    const config = { dataDir: '/nowhere', deploy: policy.deploy, projects: [] };
    const stats = new BackgroundStats();
    const leadership = { assertLeads: async () => undefined };
    const messages = { text: (message: string) => message };
    const notifier = { enabled: true, send: async () => undefined };
    const projector = { waitFor };
    const work = this.tables.work();
    const inside = { config, policy, clock, log, projector, work, stats, leadership, messages, notifier };
    return { ...inside, commands: this.commands, instance: { name: 'here', host: 'host' } };
  }

  private outside() {
    const { around, life } = this;
    const wait = (what: string): Promise<void> => around.turns.at(what, life);
    const { repository, desk } = around;
    return { worktrees: repository.worktrees(wait), forge: around.forge(life), tracker: desk.tracker(wait) };
  }

  /** A process that is gone neither reads nor appends. */
  private view(log: EventLog): EventLog {
    const { life, around } = this;
    const gone = <T>(answer: Promise<T>): Promise<T> => answer.then((value) => (life.isAlive ? value : never()));
    const view: Partial<EventLog> = {
      logId: log.logId,
      append: async (writes, checks) => {
        await around.turns.at(`append ${writes.flatMap(({ events }) => events.map(({ type }) => type)).join()}`, life);
        return log.append(writes, checks);
      },
      readStream: (stream, options) => gone(log.readStream(stream, options)),
      readAll: (options) => gone(log.readAll(options)),
      readEvent: (id) => gone(log.readEvent(id)),
      head: () => gone(log.head()),
      follow: (options: Follow) => whileAlive(log.follow(options), life),
    };
    return view as EventLog;
  }

  private catchUp(): void {
    this.tables.apply(this.around.log.events.slice(this.tables.position));
  }

  private async project(): Promise<void> {
    await this.around.turns.at('the read models catch up', this.life);
    this.catchUp();
  }

  /** From its checkpoint on; a process that dies between the commands and the checkpoint leaves the event for the next one. */
  private async follow(saga: Saga): Promise<void> {
    const { log, turns, checkpoints, policy } = this.around;
    for (let index = checkpoints.get(saga.name) ?? 0; ; index += 1) {
      const isNext = (): boolean => {
        while (index < log.events.length && !saga.types.includes(log.events[index]?.type ?? '')) index += 1;
        return index < log.events.length;
      };
      await turns.at(`${saga.name} hears`, this.life, isNext);
      const event = log.events[index];
      assert(event, 'a turn is taken when there is something to hear');
      for (const command of commandsOf(saga, event, policy)) await this.commands.execute(command);
      checkpoints.set(saga.name, event.position);
    }
  }

  private async takeUp(): Promise<void> {
    await new LeaseSweep(this.world).atStart();
    for (const { effect_id: id } of await this.world.work.openEffects()) {
      const event = this.around.log.events.find((candidate) => candidate.id === id);
      if (event && event.position <= this.heard) this.take(event);
    }
  }

  private take(event: RecordedEvent): void {
    const effect = this.effects.find(({ intent }) => intent === event.type);
    if (!effect || !isEffectIntent(event) || !WORLDLY.has(event.type)) return;
    this.lanes.run(effect.lane(event), () => this.perform(effect, event));
  }

  private async perform(effect: AnyEffect, event: RecordedEvent): Promise<void> {
    const outcome = outcomeOf(event, this.world);
    for (;;) {
      await this.around.turns.at(`take up ${event.type} of ${event.stream}`, this.life);
      this.catchUp();
      try {
        return await effect.act(event, outcome, NEVER_STOPPED);
      } catch (error) {
        this.failures.push(`${event.type} of ${event.stream}: ${(error as Error).message}`);
      }
    }
  }
}

/** One more than a system has, so that whoever looks for the process finds that it is gone. */
const NO_PID = 2 ** 22 + 1;

function newInstance(): LeaseInstance {
  return { id: randomUUID(), pid: NO_PID, startTicks: 1, bootId: null };
}

const NEVER_STOPPED = new AbortController().signal;

/** What is done about jobs and their runs is proven elsewhere; agents work without them here. */
const WORLDLY: ReadonlySet<string> = new Set([
  'DeliveryReceived',
  'GateCheckRequested',
  'MergeRequested',
  'WorkRequested',
  'DeployRequested',
  'DeployFinished',
  'NotificationRequested',
]);

async function* whileAlive(pages: AsyncIterable<FollowedPage>, life: Life): AsyncGenerator<FollowedPage> {
  for await (const page of pages) {
    if (!life.isAlive) await never();
    yield page;
  }
}

export function deciderOf(stream: string) {
  const found = DECIDERS.filter(({ category }) => `${stream}-`.startsWith(`${category}-`));
  const decider = found.sort((a, b) => b.category.length - a.category.length)[0];
  assert(decider, `somebody decides ${stream}`);
  return decider;
}

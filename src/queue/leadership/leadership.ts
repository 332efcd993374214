import { Logger } from '@nestjs/common';
import type { CommandBus } from '@nestjs/cqrs';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { ResignLead, TakeLead } from '../../domain/leadership/commands.js';
import type { LeadershipEvent, LeadTaken } from '../../domain/leadership/events.js';
import { LEADERSHIP_STREAM, LeadLost, type Term } from '../../event-log/beside/fenced-log.js';
import type { Heartbeats } from '../../event-log/beside/heartbeats.js';
import type { EventLog } from '../../event-log/event-log.js';
import type { Answer } from '../../kernel/answer.js';
import type { BackgroundStats } from '../../kernel/background-stats.js';
import type { Clock } from '../../kernel/clock.js';
import type { CommandContext } from '../../kernel/command.js';
import type { Position, Recorded } from '../../kernel/event.js';
import { isRefused } from '../../kernel/refused.js';
import { toIso } from '../../kernel/time.js';

export interface LeadershipWorld {
  readonly log: EventLog;
  readonly heartbeats: Heartbeats;
  readonly term: Term;
  readonly commands: CommandBus;
  readonly clock: Clock;
  readonly stats: Pick<BackgroundStats, 'lead' | 'leadHeldMs'>;
}

export interface LeadershipOptions {
  /** Names this orchestrator, also after a restart. */
  readonly holder: string;
  readonly host: string;
  /** Silent for so long, a leader is replaced. */
  readonly leaseMs: number;
  /** A clock that nobody can set, and that goes on while the process is stopped. */
  readonly monotonicMs?: () => number;
}

/** The time between two looks and two beats, as parts of the lease. */
const LOOKS = 8;
const BEATS = 3;

/**
 * One orchestrator of all that share a log decides claims, reaps and ticks. Nobody compares clocks: whoever waits measures how long nothing was
 * heard, whoever leads how long ago it was heard. A leader that was stopped in between finds its term over, and can write nothing (`FencedLog`).
 */
export class Leadership {
  /** Resolves, with a sentence, when another one has taken over. */
  readonly lost: Promise<string>;
  private readonly logger = new Logger('leadership');
  private readonly waiting = new AbortController();
  private readonly stopping = new AbortController();
  private lose: (sentence: string) => void = () => undefined;
  private handled: () => Position = () => 0;
  private count = 0;
  private sureUntil = Number.NEGATIVE_INFINITY;
  private watched = { sign: '', since: 0 };
  private beating: Promise<void> = Promise.resolve();

  constructor(
    private readonly world: LeadershipWorld,
    private readonly options: LeadershipOptions,
  ) {
    this.lost = new Promise((resolve) => (this.lose = resolve));
    world.stats.leadHeldMs = () => this.heldMs();
  }

  get leads(): boolean {
    return this.world.term.held !== null;
  }

  /** What whoever takes over need not handle again. */
  report(handled: () => Position): void {
    this.handled = handled;
  }

  /** Resolves when this orchestrator leads, with how far the one before it had come, or when it is stopped. */
  async take(): Promise<Position> {
    const { signal } = this.waiting;
    const pauseMs = this.options.leaseMs / LOOKS;
    for (let isFirst = true; !signal.aborted && !(await this.taken(isFirst)); isFirst = false)
      await delay(pauseMs, undefined, { signal, ref: false }).catch(() => undefined);
    const before = await this.world.heartbeats.last().catch(() => null);
    if (this.leads) this.beating = this.beatOn();
    return before?.handled ?? 0;
  }

  /** No longer waits for the lead; a lead that is held is held on. */
  cease(): void {
    this.waiting.abort();
  }

  /** Before anything is done to the world. Throws `LeadLost`, or that the log cannot be asked. */
  async assertLeads(): Promise<void> {
    if (this.leads && this.now() >= this.sureUntil) await this.beat();
  }

  /** Tells the others that they need not wait. */
  async stop(): Promise<void> {
    this.cease();
    this.stopping.abort();
    await this.beating;
    // The last word on how far everything is handled.
    await this.beat().catch(() => undefined);
    const term = this.world.term.held;
    if (term !== null)
      await this.send(new ResignLead(LEADERSHIP_STREAM, { term }, this.context())).catch(() => undefined);
  }

  private async taken(isFirst: boolean): Promise<boolean> {
    try {
      return await this.tryToTake(isFirst);
    } catch (error) {
      this.logger.warn(`The lead cannot be taken: ${(error as Error).message}`);
      return false;
    }
  }

  private async tryToTake(isFirst: boolean): Promise<boolean> {
    const newest = await this.newest();
    this.show(newest);
    if (newest?.type === 'LeadTaken' && !(await this.isOver(newest))) {
      if (isFirst) this.logger.log(`stand-by: ${newest.data.holder} leads; reads and webhooks are served`);
      return false;
    }
    const startedAt = this.now();
    const mine = await this.asked(newest?.revision ?? null);
    if (mine === null) return false;
    this.sureUntil = startedAt + this.options.leaseMs;
    this.world.term.take(mine.revision);
    this.show(mine);
    this.logger.log(leadSentence(mine));
    return true;
  }

  /** Null: another one was first. */
  private async asked(silentTerm: number | null): Promise<Recorded<LeadTaken> | null> {
    const { holder, host } = this.options;
    const answer = await this.send(new TakeLead(LEADERSHIP_STREAM, { holder, host, silentTerm }, this.context()));
    const newest = isRefused(answer) ? undefined : await this.newest();
    return newest?.type === 'LeadTaken' && newest.data.holder === holder ? newest : null;
  }

  private async isOver(taken: Recorded<LeadTaken>): Promise<boolean> {
    if (taken.data.holder === this.options.holder) return true;
    const beat = await this.world.heartbeats.last();
    const sign = `${taken.revision} ${beat?.holder} ${beat?.term} ${beat?.count}`;
    const now = this.now();
    if (sign !== this.watched.sign) this.watched = { sign, since: now };
    return now - this.watched.since >= this.options.leaseMs;
  }

  private show(newest: Recorded<LeadershipEvent> | undefined): void {
    if (newest?.type !== 'LeadTaken') return void (this.world.stats.lead = null);
    const { holder, host } = newest.data;
    const { revision: term, recordedAt: since } = newest;
    this.world.stats.lead = { holder, host, term, since, isOurs: this.world.term.held === term };
  }

  private heldMs(): number | null {
    if (this.leads) return Math.max(0, this.sureUntil - this.now());
    return this.watched.sign === '' ? null : Math.max(0, this.watched.since + this.options.leaseMs - this.now());
  }

  private async beatOn(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const isLost = await this.beat().then(
        () => false,
        (error: unknown) => error instanceof LeadLost || this.missed(error),
      );
      if (isLost) return;
      await delay(this.options.leaseMs / BEATS, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  private missed(error: unknown): false {
    if (!this.stopping.signal.aborted) this.logger.warn(`A sign of life failed: ${(error as Error).message}`);
    return false;
  }

  /** Sure for a lease from its beginning: whoever waits has seen this beat later than that. */
  private async beat(): Promise<void> {
    const { held } = this.world.term;
    if (held === null) return;
    const startedAt = this.now();
    const newest = await this.newest();
    if (newest?.revision !== held) throw this.overtaken(held, newest);
    const { holder, leaseMs } = this.options;
    this.count += 1;
    await this.world.heartbeats.beat({ holder, term: held, count: this.count, handled: this.handled() });
    this.sureUntil = startedAt + leaseMs;
  }

  private overtaken(held: number, newest: Recorded<LeadershipEvent> | undefined): LeadLost {
    this.lose(
      `${newest?.data.holder ?? 'Nobody'} leads since this orchestrator was last heard of; it ends, and can be started again`,
    );
    return new LeadLost(held);
  }

  private async newest(): Promise<Recorded<LeadershipEvent> | undefined> {
    const [newest] = await this.world.log.readStream(LEADERSHIP_STREAM, { direction: 'backwards', limit: 1 });
    return newest as Recorded<LeadershipEvent> | undefined;
  }

  private send(command: TakeLead | ResignLead): Promise<Answer> {
    return this.world.commands.execute(command);
  }

  private context(): CommandContext {
    const at = toIso(this.world.clock.now());
    return { commandId: randomUUID(), at, actor: 'system', correlationId: LEADERSHIP_STREAM, causationId: null };
  }

  private now(): number {
    return (this.options.monotonicMs ?? (() => performance.now()))();
  }
}

function leadSentence({ revision, data }: Recorded<LeadTaken>): string {
  return `leads in term ${revision}${data.from === null ? '' : `, after ${data.from}`}`;
}

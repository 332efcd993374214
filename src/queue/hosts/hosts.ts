import { Logger } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import type { RunEvidence } from '../../domain/job/judge.js';
import type { Heartbeats, HostSign } from '../../event-log/beside/heartbeats.js';
import type { Host } from './host-with-room.js';
import type { RunLooks } from './run-looks.js';

export interface HostsOptions {
  /** The own host, which needs no sign. */
  readonly self: Host;
  readonly leaseMs: number;
  readonly monotonicMs?: () => number;
}

interface Heard {
  readonly sign: HostSign;
  /** Of the look that found the sign to be a new one. */
  readonly at: number;
  /** Two different signs were found, so the host is there and not only remembered. */
  readonly isLive: boolean;
}

const LOOKS = 8;
const UNKNOWN: RunEvidence = { process: 'unknown', pid: null, exit: null };

/**
 * The hosts as whoever leads hears them. Nobody compares clocks: silence is measured between own looks, and a time in which nothing could
 * be looked at is nobody's silence.
 */
export class Hosts {
  private readonly logger = new Logger('hosts');
  private readonly stopping = new AbortController();
  private readonly heard = new Map<string, Heard>();
  private readonly present = new Set<string>();
  private lookedAt = Number.NEGATIVE_INFINITY;
  private listeningSince = 0;
  private looking: Promise<void> = Promise.resolve();

  constructor(
    private readonly heartbeats: Pick<Heartbeats, 'hosts'>,
    private readonly looks: Pick<RunLooks, 'at'>,
    private readonly options: HostsOptions,
  ) {}

  /** `onChange`: a host came or went. */
  start(onChange: () => void): void {
    this.looking = this.lookOn(onChange);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.looking;
  }

  /** That can be given a job: this one first, then by name. */
  get reachable(): readonly Host[] {
    const others = [...this.heard.values()].filter((heard) => heard.isLive && !this.hasFallenSilent(heard));
    const byName = others.map(({ sign }) => sign).sort((a, b) => (a.name < b.name ? -1 : 1));
    return [this.options.self, ...byName];
  }

  isSelf(name: string): boolean {
    return name === this.options.self.name;
  }

  /** Nothing was heard of it for a lease. */
  isSilent(name: string): boolean {
    if (this.isSelf(name) || this.lookedAt < 0) return false;
    const heard = this.heard.get(name);
    return heard ? this.hasFallenSilent(heard) : this.lookedAt - this.listeningSince >= this.options.leaseMs;
  }

  /** What is known of a run, wherever it is: a look at it, or what its host last said. */
  async evidenceOf({ worker, runId }: { readonly worker: string; readonly runId: string }): Promise<RunEvidence> {
    if (this.isSelf(worker)) return this.looks.at(runId);
    if (this.isSilent(worker)) return { process: 'out-of-reach', pid: null, exit: null, host: worker };
    return (this.heard.get(worker)?.sign.runs[runId] as RunEvidence | undefined) ?? UNKNOWN;
  }

  async look(): Promise<void> {
    const signs = await this.heartbeats.hosts();
    const now = (this.options.monotonicMs ?? (() => performance.now()))();
    if (now - this.lookedAt >= this.options.leaseMs / 2) this.beginAgain(now);
    this.lookedAt = now;
    for (const sign of signs) if (!this.isSelf(sign.name)) this.hear(sign, now);
  }

  private hear(sign: HostSign, now: number): void {
    const before = this.heard.get(sign.name);
    const isNew = !before || before.sign.session !== sign.session || before.sign.count !== sign.count;
    if (isNew) this.heard.set(sign.name, { sign, at: now, isLive: before !== undefined });
  }

  private beginAgain(now: number): void {
    this.listeningSince = now;
    for (const [name, heard] of this.heard) this.heard.set(name, { ...heard, at: now });
  }

  private hasFallenSilent({ at }: Heard): boolean {
    return this.lookedAt - at >= this.options.leaseMs;
  }

  private async lookOn(onChange: () => void): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await this.look().catch((error: unknown) =>
        this.logger.warn(`The hosts cannot be heard: ${(error as Error).message}`),
      );
      if (this.tellChanges()) onChange();
      await delay(this.options.leaseMs / LOOKS, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  private tellChanges(): boolean {
    const now = new Map(this.reachable.slice(1).map(({ name, slots }) => [name, slots]));
    const came = [...now].filter(([name]) => !this.present.has(name));
    const gone = [...this.present].filter((name) => !now.has(name));
    for (const [name, slots] of came) this.logger.log(`${name} can be given ${slots} job(s) at once`);
    for (const name of gone) this.logger.warn(`${name} is silent, and is given nothing more`);
    for (const [name] of came) this.present.add(name);
    for (const name of gone) this.present.delete(name);
    return came.length + gone.length > 0;
  }
}

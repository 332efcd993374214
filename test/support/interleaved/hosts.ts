import type { HookEnd, HookHost, HookRun, HookStart } from '../../../src/effects/deploy/hook.js';
import type { Life, Turns } from './turns.js';

export interface HookBegun {
  readonly key: string;
  readonly deployId: number;
  readonly environment: string;
  readonly revision: string;
  /** What the hook is told to have run there before. */
  readonly previous: string;
  /** Where the log was when it was decided to begin it, and when it began. */
  readonly askedAt: number;
  readonly begunAt: number;
  /** By the order in which hooks began and ended. */
  readonly beganAt: number;
  overAt: number | null;
  exitCode: number | null;
}

interface Clockwork {
  readonly now: () => number;
  readonly head: () => number;
}

const NEVER_BEGUN = 'never begun';

/** Staging and production: what was started there, by whatever process, and how it ended. */
export class Hosts {
  readonly begun: HookBegun[] = [];
  /** Whoever was sent off, by the key of the attempt; it may come late. */
  private readonly claims = new Map<string, HookBegun | typeof NEVER_BEGUN>();
  private count = 0;
  staging: string | null = null;

  constructor(
    private readonly turns: Turns,
    private readonly clock: Clockwork,
  ) {}

  running(): readonly HookBegun[] {
    return this.begun.filter(({ overAt }) => overAt === null);
  }

  finish(hook: HookBegun, exitCode: number): void {
    hook.exitCode = exitCode;
    hook.overAt = this.count += 1;
    if (hook.environment === 'staging' && exitCode === 0) this.staging = hook.revision;
  }

  /** Comes up and takes the claim; of several for one attempt the first. */
  arrive(run: Pick<HookRun, 'key' | 'deployId' | 'env'>, askedAt: number): void {
    if (this.claims.has(run.key)) return;
    const { ORCH_ENVIRONMENT: environment = '', ORCH_EXPECTED_REVISION: revision = '' } = run.env;
    const { ORCH_PREVIOUS_REVISION: previous = '' } = run.env;
    const begunAt = this.clock.head();
    const about = { key: run.key, deployId: run.deployId, environment, revision, previous, askedAt, begunAt };
    const hook: HookBegun = { ...about, beganAt: (this.count += 1), overAt: null, exitCode: null };
    this.claims.set(run.key, hook);
    this.begun.push(hook);
  }

  /** `late` is told of whoever was sent off by a process that is gone. */
  hooks(life: Life, onTheWay: (arrive: () => void, what: string) => Promise<void>): HookHost {
    return {
      find: (run) => Promise.resolve(this.claims.has(run.key) || isLeftOver(run) ? this.found(run) : null),
      begin: async (run) => {
        const askedAt = this.clock.head();
        await onTheWay(() => this.arrive(run, askedAt), `start the hook of deploy ${run.deployId}`);
        return this.found(run);
      },
      callOff: (run, reason) => {
        if (!this.claims.has(run.key)) this.claims.set(run.key, NEVER_BEGUN);
        return Promise.resolve(this.claims.get(run.key) === NEVER_BEGUN ? notStarted(reason) : this.found(run));
      },
      end: (run) => this.end(run, life),
    };
  }

  private found(run: HookRun): HookStart {
    if (this.claims.get(run.key) === NEVER_BEGUN) return notStarted('it was called off');
    return { kind: 'begun', identity: { pid: 1, startTicks: 1, bootId: 'boot' } };
  }

  private async end(run: HookRun, life: Life): Promise<HookEnd> {
    if (isLeftOver(run)) return { exitCode: 0, stoppedBecause: null, endedAt: null, output: '' };
    const hook = this.claims.get(run.key) as HookBegun;
    const isOverdue = () => this.clock.now() - run.since >= run.timeoutMs;
    await this.turns.at(`hear the end of deploy ${run.deployId}`, life, () => hook.overAt !== null || isOverdue());
    hook.overAt ??= this.count += 1;
    const { exitCode } = hook;
    const stoppedBecause = exitCode === null ? 'timeout; a person must look' : null;
    return { exitCode, stoppedBecause, endedAt: null, output: '' };
  }
}

/** Attempts of another log have left their results under every number. */
function isLeftOver({ key }: HookRun): boolean {
  return /^deploy-\d+$/.test(key);
}

function notStarted(reason: string): HookStart {
  return { kind: 'not-started', reason };
}

import fc from 'fast-check';
import { CloseWatch, ReportProbe, type PostDeployCommand } from '../../../src/domain/post-deploy/commands.js';
import type { ProbeAnswer } from '../../../src/domain/post-deploy/events.js';
import { checkDueAt } from '../../../src/domain/post-deploy/schedule.js';
import { at, commandContext, START_MS } from '../given.js';
import * as life from './watch-history.js';

/** Of `record`: a number that the next event could have. */
const FIRST_POSITION = 101;
const FAR = 1_000_000;

const ANSWERS: readonly ProbeAnswer[] = ['ok', 'failed', 'unmeasured'];

const often = fc.constantFrom(true, true, true, false);

function kind<Kind extends string, More extends object>(
  name: Kind,
  more: { [Key in keyof More]: fc.Arbitrary<More[Key]> },
) {
  return fc.record({ kind: fc.constant(name), ...more }) as fc.Arbitrary<{ readonly kind: Kind } & More>;
}

/** What the world does: time passes (a restart is a long time in which nobody asks), people deploy, production answers. */
const step = fc.oneof(
  {
    weight: 12,
    arbitrary: kind('tick', { answer: fc.constantFrom(...ANSWERS), seconds: fc.constantFrom(3, 10, 10, 25) }),
  },
  { weight: 3, arbitrary: kind('spell', { answer: fc.constantFrom(...ANSWERS), ticks: fc.constantFrom(3, 10) }) },
  { weight: 1, arbitrary: kind('restart', { seconds: fc.integer({ min: 1, max: 200 }) }) },
  { weight: 3, arbitrary: kind('deploy', { byHook: often, done: often }) },
  { weight: 2, arbitrary: kind('rollbackEnds', { succeeded: often }) },
  { weight: 2, arbitrary: kind('repeat', { ago: fc.nat({ max: 8 }) }) },
  { weight: 1, arbitrary: kind('done', { task: fc.nat({ max: 5 }) }) },
);
export const steps = fc.array(step, { maxLength: 80, size: 'max' });
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

export interface Moment {
  readonly command: PostDeployCommand;
  readonly before: life.Production;
}

/** One repository's life, command by command, as saga and watcher would send them. */
export class Walk {
  readonly moments: Moment[] = [];
  seconds = 0;
  private tasks = 0;

  constructor(
    public production: life.Production,
    private readonly repo: string,
  ) {}

  take(what: Step): void {
    switch (what.kind) {
      case 'tick':
        return this.tick(what.answer, what.seconds);
      case 'spell':
        for (let count = 0; count < what.ticks; count += 1) this.tick(what.answer, 10);
        return;
      case 'restart':
        this.seconds += what.seconds;
        return;
      case 'deploy':
        return this.deploy(what.byHook, what.done);
      case 'rollbackEnds':
        return this.rollbackEnds(what.succeeded);
      case 'repeat': {
        const earlier = this.moments.at(-1 - what.ago);
        return earlier ? this.send(earlier.command) : undefined;
      }
      case 'done':
        return this.send(life.arm(what.task, this.seconds, this.repo));
    }
  }

  /** Nobody deploys any more, and the watcher goes on. */
  toTheEnd(): this {
    for (let look = 0; look < 30; look += 1) this.tick('ok', 10);
    return this;
  }

  /** Exactly what the watcher does when it looks. */
  private tick(answer: ProbeAnswer, seconds: number): void {
    this.seconds += seconds;
    const { watch } = this.production.state;
    if (!watch) return;
    const { watchId } = watch.ref;
    const due = checkDueAt(watch.schedule, START_MS + this.seconds * 1000);
    const context = commandContext({ at: at(this.seconds) });
    const about = { repo: this.repo, watchId };
    if (due === 'over') return this.send(new CloseWatch('post-deploy', about, context));
    if (due > watch.check)
      this.send(new ReportProbe('post-deploy', { ...about, check: due, answer, detail: answer }, context));
  }

  private deploy(byHook: boolean, done: boolean): void {
    this.tasks += 1;
    const deployId = FIRST_POSITION + this.production.events.length;
    const release = { repo: this.repo, taskId: this.tasks, deployId, head: `head-${this.tasks}` };
    if (byHook) this.send(life.announce(release, this.seconds));
    if (done) this.send(life.arm(this.tasks, this.seconds, this.repo));
  }

  private rollbackEnds(succeeded: boolean): void {
    const { rollback } = this.production.state;
    if (!rollback) return;
    const { deployId, taskId, to } = rollback;
    this.send(life.announce({ repo: this.repo, taskId, deployId, head: to.head }, this.seconds));
    this.send(life.rollbackEnded(deployId, FAR + deployId, { succeeded, seconds: this.seconds }));
  }

  private send(command: PostDeployCommand): void {
    this.moments.push({ command, before: this.production });
    this.production = this.production.after(command);
  }
}

export function walk(taken: readonly Step[], repo = life.SHOP.repo, policy = life.watchedPolicy()): Walk {
  const walked = new Walk(life.productionOf(policy), repo);
  taken.forEach((what) => walked.take(what));
  return walked;
}

export type Steps = readonly Step[];

import { bulkhead } from 'cockatiel';
import { RequestDeploy, WithdrawDeploy } from '../../domain/deploy/commands.js';
import type { Revision } from '../../domain/deploy/events.js';
import type { WorkRequested } from '../../domain/task/events.js';
import { assert } from '../../kernel/assert.js';
import { numberOf, type RecordedEvent } from '../../kernel/event.js';
import type { Work } from '../../projections/work.js';
import { OutcomeOvertaken, type Effect, type Outcome } from '../effect.js';
import type { Clearances } from './clearance.js';

type Wish = RecordedEvent<WorkRequested>;

/** The wish for a deploy gives it its number, as every event does that asks for one. */
export function deployOf(wish: Wish): string {
  return `deploy-${numberOf(wish)}`;
}

/**
 * Turns the wish for production into the request that starts a hook, in the same append that finds the repository unfrozen and the task
 * neither paused nor gone. Until then it waits, and says why. One deploy of a repository is under way at a time.
 */
export class ProductionStarts implements Effect<WorkRequested> {
  readonly intent = 'WorkRequested';
  readonly effectClass = 'conditional';

  private readonly turn = bulkhead(1, Number.MAX_SAFE_INTEGER);

  constructor(
    private readonly clearances: Clearances,
    private readonly work: Work,
  ) {}

  /** A task that is held keeps nobody else waiting. */
  lane({ data }: Wish): string {
    return `production of task ${data.taskId}`;
  }

  async act(event: Wish, outcome: Outcome, signal: AbortSignal): Promise<void> {
    for (;;) {
      const clearance = await this.clearances.awaited(event.data, outcome, signal);
      if (clearance === null) return;
      if (clearance.kind === 'unwanted') return this.withdraw(event, clearance.reason, outcome);
      const since = await this.clearances.position();
      const earlier = await this.turn.execute(() => this.request(event, outcome));
      if (earlier === null) return;
      const reason = `deploy ${earlier} of the repository is under way`;
      await this.clearances.hold(event.data, reason, outcome);
      await this.clearances.news(since, signal);
    }
  }

  /** Answers with the deploy that is in the way. Looked at again in turn, because the one before may only just have been requested. */
  private async request(event: Wish, outcome: Outcome): Promise<number | null> {
    const clearance = await this.clearances.look(event.data);
    const earlier = await this.work.productionUnderWay(event.data.repo);
    if (earlier !== null) return earlier;
    if (clearance.kind !== 'free') throw new OutcomeOvertaken('RequestDeploy', event.stream, clearance.reason);
    await outcome.report(RequestDeploy, deployOf(event), await this.requestOf(event), { pins: clearance.pins });
    return null;
  }

  private withdraw(event: Wish, reason: string, outcome: Outcome): Promise<void> {
    return outcome.report(WithdrawDeploy, deployOf(event), { deployId: numberOf(event), reason });
  }

  private async requestOf(wish: Wish): Promise<RequestDeploy['payload']> {
    const { data } = wish;
    const { taskId, workItem, repo, stage, visit, round, revision } = data;
    assert(revision, `a hook of ${workItem} is given a revision`);
    const about = { deployId: numberOf(wish), taskId, workItem, repo, stage, visit, round, revision };
    const previousRevision: Revision | null = await this.work.verifiedInProduction(repo);
    return { ...about, environment: 'production', action: 'deploy', previousRevision };
  }
}

import { beforeEach, describe, expect, test } from '@jest/globals';
import { RequestDeploy, WithdrawDeploy } from '../../../src/domain/deploy/commands.js';
import type { WorkRequested } from '../../../src/domain/task/events.js';
import type { Clearance, Clearances } from '../../../src/effects/deploy/clearance.js';
import { deployOf, ProductionStarts } from '../../../src/effects/deploy/production-starts.js';
import { type Outcome, OutcomeOvertaken } from '../../../src/effects/effect.js';
import type { RecordedEvent } from '../../../src/kernel/event.js';
import type { Work } from '../../../src/projections/work.js';
import { record } from '../../support/given.js';
import { until } from '../../support/until.js';

const FREE: Clearance = { kind: 'free', pins: [{ stream: 'admission-orchestrator', expected: 4 }] };
const REVISION = { head: 'c0ffee', codeTree: '7ree' };
const WISH: WorkRequested['data'] = {
  ...{ taskId: 42, workItem: 'ORCH-059', repo: 'orchestrator', stage: 'deploy', visit: 7, round: 1 },
  ...{ performer: 'production-hook', role: 'deployer', revision: REVISION, feedback: [] },
};

interface Reported {
  readonly type: unknown;
  readonly stream: string;
  readonly payload: object;
  readonly pins: unknown;
}

/** A repository with its freezes and its production, as far as a wish for a deploy asks for it. */
class Repo {
  way: Clearance = FREE;
  /** What the look finds that is made in turn; null: the same as before. */
  wayInTurn: Clearance | null = null;
  underWay: number | null = null;
  verified: { readonly head: string; readonly codeTree: string } | null = null;
  readonly held: string[] = [];
  readonly reported: Reported[] = [];
  private hear: () => void = () => undefined;

  /** Something that may have changed the answer. */
  news(): void {
    this.hear();
  }

  async act(signal = new AbortController().signal): Promise<void> {
    const [wish] = record([{ type: 'WorkRequested', data: WISH }]) as RecordedEvent<WorkRequested>[];
    if (!wish) throw new Error('Nothing was recorded');
    await this.starts.act(wish, this.outcome, signal);
  }

  private readonly clearances = {
    look: async () => this.wayInTurn ?? this.way,
    awaited: async (_way: object, _outcome: Outcome, signal: AbortSignal) => {
      while (this.way.kind === 'held') await this.heard();
      return signal.aborted ? null : this.way;
    },
    position: async () => 0,
    hold: async (_way: object, reason: string) => void this.held.push(reason),
    news: () => this.heard(),
  };

  private heard(): Promise<void> {
    return new Promise((resolve) => (this.hear = resolve));
  }

  private readonly starts = new ProductionStarts(
    this.clearances as unknown as Clearances,
    {
      productionUnderWay: async () => this.underWay,
      verifiedInProduction: async () => this.verified,
    } as unknown as Work,
  );

  private readonly outcome: Outcome = {
    report: async (type, stream, payload, context) => {
      this.reported.push({ type, stream, payload, pins: context?.pins });
    },
  };
}

let repo: Repo;
beforeEach(() => {
  repo = new Repo();
});

describe('A wish for production', () => {
  test('becomes one request, under the number of the wish, which counts only while what allowed it is so [INV-24]', async () => {
    await repo.act();
    expect(repo.reported).toMatchObject([{ type: RequestDeploy, stream: 'deploy-101', pins: FREE.pins }]);
    const { payload } = repo.reported[0] ?? { payload: {} };
    expect(payload).toMatchObject({ deployId: 101, environment: 'production', action: 'deploy', revision: REVISION });
    expect(payload).toMatchObject({ taskId: 42, visit: 7, round: 1, previousRevision: null });
  });

  test('names what was last healthy in production', async () => {
    repo.verified = { head: 'be4', codeTree: '7re3' };
    await repo.act();
    expect(repo.reported[0]?.payload).toMatchObject({ previousRevision: { head: 'be4', codeTree: '7re3' } });
  });

  test('waits while the repository is frozen, and asks for nothing meanwhile', async () => {
    repo.way = { kind: 'held', reason: 'orchestrator is frozen: DEGRADED' };
    const acting = repo.act();
    await Promise.resolve();
    expect(repo.reported).toEqual([]);
    repo.way = FREE;
    repo.news();
    await acting;
    expect(repo.reported).toHaveLength(1);
  });

  test('of a task that has gone on is withdrawn, and can then never be requested', async () => {
    repo.way = { kind: 'unwanted', reason: 'the task is in development by now' };
    await repo.act();
    expect(repo.reported).toMatchObject([
      {
        type: WithdrawDeploy,
        stream: 'deploy-101',
        payload: { deployId: 101, reason: 'the task is in development by now' },
      },
    ]);
  });

  test('waits for the deploy that is under way in its repository, and says which one', async () => {
    repo.underWay = 88;
    const acting = repo.act();
    await until(() => repo.held.length > 0, 'it says why it waits');
    expect(repo.held).toEqual(['deploy 88 of the repository is under way']);
    expect(repo.reported).toEqual([]);
    repo.underWay = null;
    repo.news();
    await acting;
    expect(repo.reported).toMatchObject([{ type: RequestDeploy }]);
  });

  test('is looked at anew when the repository was frozen between the look and its turn', async () => {
    repo.wayInTurn = { kind: 'held', reason: 'orchestrator is frozen: DEGRADED' };
    await expect(repo.act()).rejects.toThrow(OutcomeOvertaken);
    expect(repo.reported).toEqual([]);
  });

  test('of a service that stops meanwhile is left for the next start', async () => {
    await repo.act(AbortSignal.abort());
    expect(repo.reported).toEqual([]);
  });

  test('is numbered by its position, as every deploy is', () => {
    const [wish] = record([{ type: 'WorkRequested', data: WISH }]) as RecordedEvent<WorkRequested>[];
    expect(wish && deployOf(wish)).toBe('deploy-101');
  });
});

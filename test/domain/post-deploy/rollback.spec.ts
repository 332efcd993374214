import { describe, expect, test } from '@jest/globals';
import {
  announce,
  arm,
  BAD_START,
  GOOD_WINDOW,
  OURS,
  probes,
  productionOf,
  revision,
  rollbackEnded,
  SHOP,
  watchedPolicy,
  type Production,
} from '../../support/lives/watch-history.js';

const GOOD = { taskId: 1, deployId: 11, head: 'aaa' };
const BAD = { taskId: 2, deployId: 22, head: 'bbb' };

/** The first release was seen healthy, the second one goes bad. */
function degraded(policy = watchedPolicy(), repo = SHOP.repo): Production {
  return productionOf(policy).afterAll(
    ...[announce({ ...GOOD, repo }), arm(1, 0, repo), ...probes(1000, GOOD_WINDOW, { repo })],
    ...[announce({ ...BAD, repo }, 200), arm(2, 200, repo), ...probes(2000, BAD_START, { armedAt: 200, repo })],
  );
}

/** As the saga asks for it: the position of the order is the number of the deploy. */
function rolledBack(production: Production, watchId = 3000): Production {
  const deployId = production.last('RollbackOrdered').position;
  const { to, taskId } = production.last('RollbackOrdered').data;
  return production.afterAll(
    announce({ taskId, deployId, head: to.head }, 240),
    rollbackEnded(deployId, watchId, { seconds: 250 }),
  );
}

function ended(production: Production) {
  return production.last('WatchEnded').data;
}

describe('A production that went bad', () => {
  test('goes back to the revision that was last seen healthy, where that is switched on and can be done [RB-13, PD-06]', () => {
    const after = degraded();
    expect(ended(after)).toMatchObject({ status: 'DEGRADED', action: 'ROLLBACK', degradedInRow: 1 });
    expect(after.last('RollbackOrdered').data).toMatchObject({
      ...{ watchId: 2000, taskId: 2, workItem: 'ET-002', visit: 7, round: 1 },
      ...{ from: revision('bbb'), to: revision('aaa') },
    });
  });

  test('is only told of when it is our own, whatever is configured [PD-07, SC-19]', () => {
    const after = degraded(watchedPolicy(), OURS.repo);
    expect(ended(after)).toMatchObject({
      action: 'ALERT_ONLY',
      actionReason: expect.stringContaining('the orchestrator never restarts its own production by itself'),
    });
    expect(after.events.some(({ type }) => type === 'RollbackOrdered')).toBe(false);
  });

  test('is only told of by default [PD-08]', () => {
    const after = degraded(watchedPolicy({ autoRollback: false }));
    expect(ended(after)).toMatchObject({
      action: 'ALERT_ONLY',
      actionReason: expect.stringContaining('AUTO_ROLLBACK is false'),
    });
  });

  test('is only told of without a rollback command', () => {
    const policy = watchedPolicy();
    const after = degraded({ ...policy, projects: [{ ...SHOP, productionRollback: false }] });
    expect(ended(after)).toMatchObject({
      action: 'ALERT_ONLY',
      actionReason: expect.stringContaining('no rollback command'),
    });
  });

  test('is only told of when nothing was ever seen healthy, or nobody knows what runs there', () => {
    const first = productionOf().afterAll(announce(BAD), arm(2), ...probes(2000, BAD_START));
    expect(ended(first)).toMatchObject({
      action: 'ALERT_ONLY',
      actionReason: expect.stringContaining('no earlier revision'),
    });
    const byAgent = productionOf().afterAll(arm(2), ...probes(2000, BAD_START));
    expect(ended(byAgent)).toMatchObject({
      action: 'ALERT_ONLY',
      actionReason: expect.stringContaining('no hook of ours'),
    });
  });

  test('is only told of when it is the revision that was seen healthy before', () => {
    const again = { ...BAD, head: 'aaa' };
    const after = productionOf().afterAll(
      ...[announce(GOOD), arm(1), ...probes(1000, GOOD_WINDOW)],
      ...[announce(again, 200), arm(2, 200), ...probes(2000, BAD_START, { armedAt: 200 })],
    );
    expect(ended(after).action).toBe('ALERT_ONLY');
    expect(after.state.verified).toBeNull();
  });
});

describe('A rollback', () => {
  test('is watched like a deploy, and what it brought back counts as seen healthy again', () => {
    const after = rolledBack(degraded());
    expect(after.last('WatchArmed').data).toMatchObject({ watchId: 3000, rollbackOf: 2000, revision: revision('aaa') });
    const healthy = after.afterAll(...probes(3000, GOOD_WINDOW, { armedAt: 250 }));
    expect(ended(healthy)).toMatchObject({ status: 'HEALTHY', degradedInRow: 0, workItem: 'ET-002' });
  });

  test('is never rolled back: two in a row are for people [two in a row]', () => {
    const after = rolledBack(degraded()).afterAll(...probes(3000, BAD_START, { armedAt: 250 }));
    expect(ended(after)).toMatchObject({ status: 'DEGRADED', action: 'ALERT_ONLY', degradedInRow: 2 });
    expect(after.events.filter(({ type }) => type === 'RollbackOrdered')).toHaveLength(1);
  });

  test('whose hook failed is for people, and is not tried again', () => {
    const before = degraded();
    const deployId = before.last('RollbackOrdered').position;
    const outcome = before.when(rollbackEnded(deployId, 3000, { succeeded: false }));
    expect(outcome.thenTypes('RollbackFailed').history.last('RollbackFailed').data.reason).toBe(
      'the hook failed (exit 2)',
    );
    outcome.thenNothingMore();
    outcome.history.when(rollbackEnded(deployId, 3000)).thenNothing();
  });

  test('that a newer deploy overtook is not watched, and another deploy is no rollback', () => {
    const before = degraded();
    const deployId = before.last('RollbackOrdered').position;
    before.when(rollbackEnded(deployId + 1, 3000)).thenNothing();
    const overtaken = before.afterAll(
      announce({ taskId: 2, deployId, head: 'aaa' }),
      announce({ taskId: 3, deployId: deployId + 50, head: 'ccc' }),
    );
    overtaken.when(rollbackEnded(deployId, 3000)).thenNothing();
  });
});

describe('What could not be judged', () => {
  test('breaks no row of DEGRADED', () => {
    const blind = GOOD_WINDOW.map(() => 'unmeasured' as const);
    const policy = watchedPolicy({ autoRollback: false });
    const after = degraded(policy).afterAll(
      ...[
        announce({ taskId: 3, deployId: 33, head: 'ccc' }, 300),
        arm(3, 300),
        ...probes(3000, blind, { armedAt: 300 }),
      ],
      ...[
        announce({ taskId: 4, deployId: 44, head: 'ddd' }, 500),
        arm(4, 500),
        ...probes(4000, BAD_START, { armedAt: 500 }),
      ],
    );
    expect(ended(after)).toMatchObject({ status: 'DEGRADED', degradedInRow: 2 });
  });
});

import { describe, expect, test } from '@jest/globals';
import { at } from '../../support/given.js';
import {
  announce,
  arm,
  BAD_START,
  close,
  GOOD_WINDOW,
  logPublished,
  probe,
  probes,
  productionOf,
  revision,
  SHOP,
  watchedPolicy,
  type Production,
} from '../../support/lives/watch-history.js';

const FIRST = { taskId: 1, deployId: 11, head: 'aaa' };
const SECOND = { taskId: 2, deployId: 22, head: 'bbb' };

const armed = (policy = watchedPolicy()): Production => productionOf(policy).afterAll(announce(FIRST), arm(1));

function ended(production: Production) {
  return production.last('WatchEnded').data;
}

describe('Production is watched', () => {
  test('once a task is done, over what its newest hook brought there [PD-01, PD-02, PD-13, DEP-25]', () => {
    const outcome = productionOf()
      .afterAll(announce({ ...FIRST, deployId: 9 }), announce(FIRST))
      .when(arm(1));
    const { watchId, deployId, revision: watched } = outcome.thenTypes('WatchArmed').history.last('WatchArmed').data;
    expect([watchId, deployId, watched]).toEqual([1000, 11, revision('aaa')]);
    outcome.thenNothingMore();
  });

  test('by a schedule that is fixed when it is armed: 30 checks in 900 s by default [PD-04, PD-14]', () => {
    const defaults = { windowS: 900, intervalS: 30 };
    const { schedule } = armed(watchedPolicy(defaults)).last('WatchArmed').data;
    expect(schedule).toEqual({ startedAt: at(0), until: at(900), intervalMs: 30_000, checks: 30, threshold: 3 });
    const underOthers = armed().under(watchedPolicy({ windowS: 20, intervalS: 1, failThreshold: 1 }));
    const after = underOthers.afterAll(...probes(1000, ['failed', 'ok', 'ok']));
    expect(after.state.watch).toMatchObject({ check: 3, schedule: { checks: 10, threshold: 3 } });
  });

  test('although an agent deployed it: then the health address is all that is known', () => {
    const { deployId, revision: watched } = productionOf().after(arm(1)).last('WatchArmed').data;
    expect([deployId, watched]).toEqual([null, null]);
  });

  test('only where that is switched on, in scope, and there is an address [CFG-35]', () => {
    for (const policy of [watchedPolicy({ enabled: false }), watchedPolicy({ repos: ['other'] })])
      productionOf(policy).after(announce(FIRST)).when(arm(1)).thenNothing();
    const unhealthy = { ...watchedPolicy(), projects: [{ ...SHOP, productionHealth: false }] };
    productionOf(unhealthy).when(announce(FIRST)).thenNothing();
    productionOf(unhealthy).when(arm(1)).thenNothing();
    productionOf(watchedPolicy({ repos: [SHOP.repo] }))
      .when(arm(1))
      .thenTypes('WatchArmed');
  });

  test('until the next hook changes it: what is measured then says nothing of the one before', () => {
    const outcome = armed().when(announce(SECOND, 35));
    expect(ended(outcome.thenTypes('WatchEnded', 'ReleaseAnnounced').history)).toMatchObject({
      status: 'INCONCLUSIVE',
      action: 'NONE',
      reason: 'deploy 22 of ET-002 took its place',
      endedAt: at(35),
    });
    outcome.history.when(probe(1000, 4, 'failed')).thenNothing();
  });

  test('not at all when another hook came before the task was done', () => {
    productionOf().afterAll(announce(FIRST), announce(SECOND)).when(arm(1)).thenNothing();
  });

  test('for the newer one of two tasks that agents deployed', () => {
    productionOf().after(arm(1)).when(arm(2, 50)).thenTypes('WatchEnded', 'WatchArmed');
  });
});

describe('A check', () => {
  test('is recorded with its answer, and names the item only when the answer changes', () => {
    const events = armed()
      .afterAll(...probes(1000, ['ok', 'ok', 'failed', 'ok']))
      .events.slice(-4);
    expect(events.map(({ data }) => (data as { workItem: string | null }).workItem)).toEqual([
      'ET-001',
      null,
      'ET-001',
      'ET-001',
    ]);
  });

  test('counts once, in its own time, for the watch that is on', () => {
    armed()
      .when(probe(1000, 1, 'ok'))
      .thenTypes('ProductionProbed')
      .thenNothingMore();
    armed()
      .afterAll(...probes(1000, ['ok', 'ok']))
      .when(probe(1000, 1, 'failed'))
      .thenNothing();
    armed()
      .when(probe(2000, 1, 'ok'))
      .thenNothing();
    const early = probe(1000, 5, 'ok', { armedAt: -20 });
    armed().when(early).thenNothing();
    armed()
      .when(probe(1000, 11, 'ok'))
      .thenNothing();
  });

  test('that nobody made is counted as missed, and not made up [PD-14]', () => {
    const after = armed().afterAll(probe(1000, 1, 'ok'), probe(1000, 5, 'ok'));
    expect(after.last('ProductionProbed').data).toMatchObject({ check: 5, missed: 3 });
    expect(after.state.watch?.counts).toEqual({ total: 2, failed: 0, unmeasured: 0, missed: 3 });
  });
});

describe('The verdict is', () => {
  test('HEALTHY at the end of a good window, with nothing to do [PD-05, PD-06]', () => {
    const after = armed().afterAll(...probes(1000, GOOD_WINDOW));
    expect(ended(after)).toMatchObject({
      ...{ status: 'HEALTHY', action: 'NONE', reason: '10 of 10 checks measured, 0 failed', endedAt: at(100) },
      checks: { total: 10, failed: 0, unmeasured: 0, missed: 0 },
    });
  });

  test('DEGRADED as soon as the threshold of failures in a row is reached, not before [PD-05]', () => {
    const two = armed().afterAll(...probes(1000, ['ok', 'failed', 'failed']));
    expect(two.state.watch?.failedInRow).toBe(2);
    const outcome = two.when(probe(1000, 4, 'failed'));
    expect(ended(outcome.thenTypes('ProductionProbed', 'WatchEnded').history)).toMatchObject({
      status: 'DEGRADED',
      reason: '3 failed checks in a row, the last one: HTTP 503',
      checks: { total: 4, failed: 3 },
    });
    outcome.thenNothingMore();
  });

  test('HEALTHY when failures are not in a row', () => {
    const after = armed().afterAll(
      ...probes(1000, ['failed', 'failed', 'ok', 'failed', 'failed', ...GOOD_WINDOW.slice(5)]),
    );
    expect(ended(after)).toMatchObject({ status: 'HEALTHY', checks: { failed: 4 } });
  });

  test('not helped and not harmed by what could not be measured: the row of failures goes on', () => {
    const after = armed().afterAll(...probes(1000, ['failed', 'failed', 'unmeasured', 'unmeasured', 'failed']));
    expect(ended(after)).toMatchObject({ status: 'DEGRADED', checks: { total: 5, failed: 3, unmeasured: 2 } });
  });

  test('INCONCLUSIVE, never HEALTHY, without data: nobody could ask, or nobody was there', () => {
    const blind = armed().afterAll(
      ...probes(
        1000,
        GOOD_WINDOW.map(() => 'unmeasured' as const),
      ),
    );
    expect(ended(blind)).toMatchObject({
      ...{ status: 'INCONCLUSIVE', action: 'NONE' },
      reason: 'no data: 0 of 10 checks measured (10 could not be made)',
    });
    const absent = armed().after(close(1000, 111));
    expect(ended(absent)).toMatchObject({
      status: 'INCONCLUSIVE',
      reason: 'no data: 0 of 10 checks measured (10 missed while nobody watched)',
      checks: { total: 0, missed: 10 },
    });
  });

  test('INCONCLUSIVE when less than half was measured, or the window ends on failures', () => {
    const little = armed()
      .afterAll(...probes(1000, ['ok', 'ok', 'ok', 'ok']))
      .after(close(1000, 200));
    expect(ended(little).reason).toBe('too little data: 4 of 10 checks measured (6 missed while nobody watched)');
    const half = armed()
      .afterAll(...probes(1000, GOOD_WINDOW.slice(5)))
      .after(close(1000, 200));
    expect(ended(half).status).toBe('HEALTHY');
    const open = armed().afterAll(...probes(1000, [...GOOD_WINDOW.slice(2), 'failed', 'failed']));
    expect(ended(open)).toMatchObject({
      status: 'INCONCLUSIVE',
      reason: 'the window ended on 2 failed checks in a row, too few for DEGRADED',
    });
  });

  test('given once: a window is closed only when it is over, and nothing is judged twice', () => {
    armed().when(close(1000, 99)).thenNothing();
    armed().when(close(1000, 109)).thenNothing();
    armed().when(close(1000, 110)).thenTypes('WatchEnded').thenNothingMore();
    armed()
      .afterAll(...probes(1000, BAD_START))
      .when(arm(1))
      .thenNothing();
  });

  test('written down once per commit', () => {
    const judged = armed().afterAll(...probes(1000, GOOD_WINDOW));
    judged.when(logPublished(1000, 'ccc')).thenTypes('WatchLogPublished').thenNothingMore();
    judged.when(logPublished(9, 'ccc')).thenNothing();
  });
});

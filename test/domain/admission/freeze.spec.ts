import { describe, expect, test } from '@jest/globals';
import { at } from '../../support/given.js';
import * as repo from '../../support/lives/admission-history.js';
import { policyWith } from '../../support/policy.js';

const { aboutJob, arrive, emptyRepo, free, freeze, fresh, holds, OPERATOR, reassess, REPO, request } = repo;
const { started, retire, unfreeze } = repo;
const LAYER_OFF = policyWith({ serialGate: { freezeEnabled: false } });

describe('A frozen repository', () => {
  test('keeps who froze it, why, since when, and by which cause (SG-23)', () => {
    emptyRepo()
      .when(freeze('DEGRADED', 'cause-1'))
      .then({
        type: 'RepoFrozen',
        data: { repo: REPO, causeId: 'cause-1', reason: 'DEGRADED', workItem: null, by: OPERATOR, since: at(70) },
      });
  });

  test('starts no analysis, even when nothing else is unfinished (SG-11, SG-46)', () => {
    const next = arrive(emptyRepo().after(freeze()), 1);
    expect(free(next)).toEqual([]);
    expect(holds(next, 1)).toEqual([`freeze ${REPO}`]);
  });

  test('takes back what was let in and not started yet', () => {
    const outcome = fresh(1).when(freeze()).thenTypes('RepoFrozen', 'JobHeld');
    expect(free(outcome.history)).toEqual([]);
  });

  test('outlives the task that went wrong (SG-27)', () => {
    const after = started(fresh(1, 2), 1).afterAll(freeze(), retire(1));
    expect(holds(after, 2)).toEqual([`freeze ${REPO}`]);
  });

  test('holds an analysis that is tried again as well', () => {
    expect(free(started(fresh(1), 1).afterAll(freeze(), request(1)))).toEqual([]);
  });

  test('is frozen until a person lifts it; nothing else does (SG-26)', () => {
    const all = started(fresh(1, 2), 1).afterAll(freeze(), retire(1), reassess, repo.close(2), retire(2));
    expect(all.state.freezes).toHaveLength(1);
    expect(free(arrive(all, 3))).toEqual([]);
  });
});

describe('A second cause', () => {
  const twice = fresh(1).afterAll(freeze('DEGRADED', 'cause-1'), freeze('release week', 'cause-2'));

  test('is kept beside the first (SG-23)', () => {
    expect(twice.state.freezes.map(({ reason }) => reason)).toEqual(['DEGRADED', 'release week']);
    expect(holds(twice, 1)).toEqual([`freeze ${REPO}`, `freeze ${REPO}`]);
  });

  test('is lifted with the first, and the lifting names both (SG-24)', () => {
    const outcome = twice.when(unfreeze);
    outcome.then(
      { type: 'FreezeLifted', data: { repo: REPO, causeIds: ['cause-1', 'cause-2'], by: OPERATOR } },
      { type: 'JobReleased', data: aboutJob(1) },
    );
    outcome.thenNothingMore();
  });
});

describe('Lifting a freeze', () => {
  test('lets the analysis start at once (SG-20, SG-44)', () => {
    expect(free(fresh(1).afterAll(freeze(), unfreeze))).toEqual([1]);
  });

  test('bypasses neither order nor pause', () => {
    const waiting = fresh(1, 2).afterAll(freeze(), unfreeze);
    expect(holds(waiting, 2)).toEqual(['active-task ET-001']);
  });

  test('where nothing is frozen changes nothing (SG-24)', () => {
    fresh(1).when(unfreeze).thenNothing();
    fresh(1).afterAll(freeze(), unfreeze).when(unfreeze).thenNothing();
  });
});

describe('With the freeze layer off', () => {
  test('a freeze is refused, because it would hold nobody (SG-21)', () => {
    emptyRepo(LAYER_OFF).when(freeze()).thenRefused('freeze-off');
  });

  test('a freeze of before holds nobody (SG-21, KS-12)', () => {
    const outcome = fresh(1).after(freeze()).under(LAYER_OFF).when(reassess).thenTypes('JobReleased');
    expect(free(outcome.history)).toEqual([1]);
  });

  test('a freeze of before can still be lifted', () => {
    fresh(1).after(freeze()).under(LAYER_OFF).when(unfreeze).thenTypes('FreezeLifted', 'JobReleased');
  });
});

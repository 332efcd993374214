import { beforeEach, describe, expect, test } from '@jest/globals';
import { Landings } from '../../../src/effects/task/landings.js';
import type { PullRequest } from '../../../src/integrations/forge.js';
import { HEAD, MERGE, PULL, Repository, REQUEST } from './merge-world.js';

let repository: Repository;
beforeEach(() => {
  repository = new Repository();
});

describe('whether a change has landed', () => {
  const asked = () => new Landings(repository.forge, repository.worktrees).of({ ...REQUEST, commit: HEAD, title: 'T' });
  const squash: PullRequest = { ...PULL, state: 'closed', merged: true, mergeCommit: 's'.repeat(40) };
  beforeEach(() => {
    repository.onMain = ['s'.repeat(40)];
  });

  test('is yes for a merged pull request of exactly this head, squashed or not [TC-16a of ORCH-065]', async () => {
    repository.pulls = [squash];
    expect(await asked()).toEqual(MERGE);
    repository.pulls = [
      { ...PULL, state: 'closed' },
      { ...squash, number: 9 },
    ];
    expect(await asked()).toEqual(MERGE);
  });

  test('is no for one that is open, and for none [TC-16b, TC-16c of ORCH-065]', async () => {
    expect(await asked()).toBeNull();
    repository.pulls = [];
    expect(await asked()).toBeNull();
  });

  test.each(['no connection', 'status 500'])(
    'is no when the forge cannot be asked: %s [TC-16d, TC-16e, MG-30]',
    async (what) => {
      repository.forge.pullRequest = () => Promise.reject(new Error(what));
      expect(await asked()).toBeNull();
    },
  );

  test('is no for a pull request of another branch, of an earlier round, or whose merge is nowhere [AMB-32, MG-32]', async () => {
    for (const other of [
      { headBranch: 'feature/ET-002' },
      { headSha: 'c'.repeat(40) },
      { mergeCommit: 'd'.repeat(40) },
    ]) {
      repository.pulls = [{ ...squash, ...other }];
      expect(await asked()).toBeNull();
    }
  });
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ForgeRefused, type Forge, type MergeAnswer } from '../../src/integrations/forge.js';
import { until } from '../support/until.js';
import type { WorkingCopy } from '../support/sandbox/working-copy.js';
import { heldLease } from '../support/held-lease.js';

/** A forge with a repository that the tests may change, a clone of it, and a person who reviews and reports statuses. */
export interface ForgeWorld {
  readonly forge: Forge;
  readonly repo: string;
  readonly copy: WorkingCopy;
  readonly person: {
    readonly login: string;
    approve(number: number): Promise<void>;
    requestChanges(number: number): Promise<void>;
    reportStatus(sha: string, context: string, state: string): Promise<void>;
  };
  close(): Promise<void>;
}

/** Branch names are new in every run: a real server remembers the earlier ones. */
const run = `contract-${Date.now().toString(36)}`;

/** What every forge must do, whoever answers: the sandbox or a real server. */
export function forgeContract(name: string, open: () => Promise<ForgeWorld>): void {
  describe(`a forge (${name})`, () => {
    let world: ForgeWorld;
    beforeAll(async () => {
      world = await open();
    }, 60_000);
    afterAll(() => world?.close());

    const forge = () => world.forge;
    const repo = () => world.repo;
    const pushed = async (branch: string, text = branch) => {
      const file = `docs/contract/${branch.replaceAll('/', '-')}.md`;
      return { branch, head: await world.copy.pushBranch(branch, { [file]: `${text}\n` }) };
    };
    const opened = async (branch: string) => {
      const { head } = await pushed(branch);
      const request = { head: branch, base: 'main', title: `Add ${branch}`, body: 'From the contract.' };
      return { branch, head, request, pull: await forge().openPullRequest(repo(), request) };
    };
    /** A new pull request is first examined; the same call may succeed later. */
    const mergedIn = async (number: number, head: string): Promise<MergeAnswer> => {
      let answer: MergeAnswer = { kind: 'unknown', reason: 'not asked' };
      const isDecided = async () => {
        answer = await forge().merge(heldLease(repo()), { number, head, title: `Merge ${number}` });
        return answer.kind !== 'not-yet';
      };
      await until(isDecided, `pull request ${number} is examined`, 15_000);
      return answer;
    };

    test('tells the own account from the person', async () => {
      expect([await forge().ownLogin(), '']).not.toContain(world.person.login);
    });

    test('knows the head of a branch, also with slashes and marks in its name, and of none that is not there', async () => {
      const { branch, head } = await pushed(`${run}/with-slash/and#mark`);
      expect(await forge().branchHead(repo(), branch)).toBe(head);
      expect(await forge().branchHead(repo(), `${run}/never`)).toBeNull();
    });

    test('opens one pull request for a branch, however often it is asked to', async () => {
      const { pull, request, head } = await opened(`${run}-once`);
      expect(pull).toMatchObject({ headBranch: request.head, headSha: head, baseBranch: 'main', state: 'open' });
      expect(pull).toMatchObject({ merged: false, mergeCommit: null });
      expect(await forge().openPullRequest(repo(), request)).toEqual(pull);
      expect(await forge().pullRequest(repo(), pull.number)).toEqual(pull);
    });

    test('opens none for a branch that does not exist', async () => {
      const request = { head: `${run}-nowhere`, base: 'main', title: 't', body: '' };
      await expect(forge().openPullRequest(repo(), request)).rejects.toBeInstanceOf(ForgeRefused);
    });

    test('names the pull requests of exactly that branch', async () => {
      const { pull, branch } = await opened(`${run}-exact`);
      await opened(`${run}-exact-not`);
      const numbers = (await forge().pullRequestsOfBranch(repo(), branch)).map(({ number }) => number);
      expect(numbers).toEqual([pull.number]);
    });

    test('knows no pull request that was never there', async () => {
      expect(await forge().pullRequest(repo(), 999_999)).toBeNull();
    });

    test('follows the head of a pull request', async () => {
      const { pull, branch } = await opened(`${run}-moves`);
      const { head } = await pushed(branch, 'more');
      const follows = async () => (await forge().pullRequest(repo(), pull.number))?.headSha === head;
      await until(follows, 'the pull request shows the new head', 15_000);
    });

    test('tells nothing said, pending, success and failure of a commit apart', async () => {
      const main = (await forge().branchHead(repo(), 'main')) ?? '';
      const tree = await world.copy.git('rev-parse', `${main}^{tree}`);
      const sha = (await world.copy.git('commit-tree', tree.trim(), '-p', main, '-m', `Unseen ${run}`)).trim();
      // A tag starts no tests, so nobody says anything about this commit unasked.
      await world.copy.git('push', '--quiet', 'origin', `${sha}:refs/tags/${run}`);
      const status = async () => (await forge().combinedStatus(repo(), sha)).status;
      const say = (context: string, state: string) => world.person.reportStatus(sha, context, state);
      expect(await status()).toBe('absent');
      await say('contract/a', 'pending');
      expect(await status()).toBe('pending');
      await say('contract/a', 'success');
      expect(await status()).toBe('success');
      await say('contract/b', 'failure');
      expect(await status()).toBe('failure');
    });

    test('binds a review to the reviewer and the commit that it was given for', async () => {
      const { pull, branch, head } = await opened(`${run}-reviewed`);
      await world.person.requestChanges(pull.number);
      const second = await pushed(branch, 'better');
      const follows = async () => (await forge().pullRequest(repo(), pull.number))?.headSha === second.head;
      await until(follows, 'the pull request shows the new head', 15_000);
      await world.person.approve(pull.number);
      const reviews = await forge().reviews(repo(), pull.number);
      const { login: reviewer } = world.person;
      expect(reviews.map(({ state, commit }) => ({ state, commit }))).toEqual([
        { state: 'changes-requested', commit: head },
        { state: 'approved', commit: second.head },
      ]);
      expect(reviews.map((review) => review.reviewer)).toEqual([reviewer, reviewer]);
    });

    test('merges the expected head once, and says so when asked again', async () => {
      const { pull, head } = await opened(`${run}-merged`);
      expect(await mergedIn(pull.number, head)).toEqual({ kind: 'merged' });
      const after = await forge().pullRequest(repo(), pull.number);
      expect(after).toMatchObject({ state: 'closed', merged: true, headSha: head });
      await world.copy.git('fetch', '--quiet', 'origin');
      const merge = (await world.copy.git('rev-parse', 'origin/main')).trim();
      expect(after?.mergeCommit).toBe(merge);
      await world.copy.git('merge-base', '--is-ancestor', head, merge);
      expect(await forge().merge(heldLease(repo()), { number: pull.number, head, title: 'again' })).toEqual({
        kind: 'already-merged',
      });
    });

    test('refuses to merge another head than the expected one', async () => {
      const { pull, head } = await opened(`${run}-other-head`);
      const wrong = (await forge().branchHead(repo(), 'main')) ?? '';
      expect((await mergedIn(pull.number, wrong)).kind).toBe('refused');
      expect((await forge().pullRequest(repo(), pull.number))?.merged).toBe(false);
      expect(await forge().branchHead(repo(), 'main')).not.toBe(head);
    });

    test('refuses to merge a pull request that does not exist', async () => {
      expect((await forge().merge(heldLease(repo()), { number: 999_999, head: '0'.repeat(40), title: 't' })).kind).toBe(
        'refused',
      );
    });
  });
}

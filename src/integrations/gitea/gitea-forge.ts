import type { HeldLease } from '../../kernel/pipeline/held-lease.js';
import { ForgeRefused, ForgeUnavailable } from '../forge.js';
import type { Checks, Forge, ForgeAccess, MergeAnswer, PullRequest, Review } from '../forge.js';
import { textIn, valueIn } from '../wire/untrusted.js';
import { combined } from './combined-status.js';
import { GiteaApi } from './gitea-api.js';
import type { GiteaConnection } from './gitea-api.js';
import { hookIn, isFromFork, listIn, pullRequestIn, reviewIn, statusesIn } from './gitea-bodies.js';
import { readMergeAnswer } from './merge-answers.js';
import type { GiteaManualMerge, GiteaMerge, GiteaNewPullRequest, GiteaPullRequestEdit } from './wire.js';

type MergeRequest = Parameters<Forge['merge']>[1];

/** Gitea, REST v1, as its source behaves rather than as its description says. */
export class GiteaForge implements Forge {
  private readonly api: GiteaApi;
  private login: string | null = null;

  constructor(connection: GiteaConnection) {
    this.api = new GiteaApi(connection);
  }

  async ownLogin(): Promise<string> {
    this.login ??= needed(textIn(await this.api.get('/api/v1/user'), 'login'), 'the own account');
    return this.login;
  }

  async branchHead(repo: string, branch: string): Promise<string | null> {
    const body = await this.api.get(this.api.branchPath(repo, branch)).catch(nullWhenGone);
    return body === null ? null : needed(textIn(body, 'commit', 'id'), `the head of branch ${branch}`);
  }

  async openPullRequest(
    repo: string,
    request: { readonly head: string; readonly base: string; readonly title: string; readonly body: string },
  ): Promise<PullRequest> {
    const { head, base, title, body } = request;
    const wanted: GiteaNewPullRequest = { head, base, title, body };
    try {
      const created = await this.api.send('POST', `${this.api.repoPath(repo)}/pulls`, wanted);
      return needed(pullRequestIn(created), `the new pull request of ${head}`);
    } catch (error) {
      if (!(error instanceof ForgeRefused && error.status === 409)) throw error;
      return this.openOne(repo, head, base);
    }
  }

  async pullRequest(repo: string, number: number): Promise<PullRequest | null> {
    const body = await this.api.get(`${this.api.repoPath(repo)}/pulls/${number}`).catch(nullWhenGone);
    return body === null ? null : needed(pullRequestIn(body), `pull request ${number}`);
  }

  /** Newest first. */
  async pullRequestsOfBranch(repo: string, headBranch: string): Promise<readonly PullRequest[]> {
    const own = await this.pullRequests(repo, headBranch, 'all');
    return own.sort((a, b) => b.number - a.number);
  }

  async reviews(repo: string, number: number): Promise<readonly Review[]> {
    const reviews = await this.api.all(`${this.api.repoPath(repo)}/pulls/${number}/reviews`, listIn);
    return reviews.map(reviewIn);
  }

  async combinedStatus(repo: string, sha: string): Promise<Checks> {
    const path = `${this.api.repoPath(repo)}/commits/${encodeURIComponent(sha)}/status`;
    const statuses = await this.api.all(path, statusesIn);
    const times = statuses.flatMap(({ at }) => at ?? []).sort();
    return { status: combined(statuses.map(({ status }) => status)), changedAt: times.at(-1) ?? null };
  }

  /** A merge that is claimed is read again: a 200 without `merged` has been seen (Gitea issue 39124). */
  async merge(lease: HeldLease, request: MergeRequest): Promise<MergeAnswer> {
    lease.assertHeld(lease.repo);
    const answer = await this.askToMerge(lease.repo, request);
    if (answer.kind !== 'merged' && answer.kind !== 'already-merged') return answer;
    const pull = await this.pullRequest(lease.repo, request.number).catch(() => null);
    if (!pull?.merged)
      return { kind: 'unknown', reason: 'the forge claims a merge that the pull request does not show' };
    if (pull.headSha === request.head) return answer;
    return { kind: 'refused', reason: `it was merged with the head ${pull.headSha} instead of ${request.head}` };
  }

  private async askToMerge(repo: string, { number, head, title }: MergeRequest): Promise<MergeAnswer> {
    const merge: GiteaMerge = {
      Do: 'merge',
      MergeTitleField: title,
      head_commit_id: head,
      delete_branch_after_merge: false,
    };
    try {
      const { status, body } = await this.api.answerTo(
        'POST',
        `${this.api.repoPath(repo)}/pulls/${number}/merge`,
        merge,
      );
      return readMergeAnswer(status, body);
    } catch (error) {
      if (error instanceof ForgeUnavailable) return { kind: 'unknown', reason: error.message };
      throw error;
    }
  }

  async closeLanded(
    repo: string,
    { number, commit }: { readonly number: number; readonly commit: string },
  ): Promise<'merged' | 'closed'> {
    const path = `${this.api.repoPath(repo)}/pulls/${number}`;
    const before = await this.pullRequest(repo, number);
    if (before?.state === 'open') {
      const mark: GiteaManualMerge = { Do: 'manually-merged', MergeCommitID: commit };
      // Not allowed, and every other "no", shows in what the pull request is afterwards.
      await this.api.answerTo('POST', `${path}/merge`, mark);
      if ((await this.pullRequest(repo, number))?.state === 'open') {
        const closed: GiteaPullRequestEdit = { state: 'closed' };
        await this.api.send('PATCH', path, closed);
      }
    }
    return (await this.pullRequest(repo, number))?.merged ? 'merged' : 'closed';
  }

  async access(repo: string): Promise<ForgeAccess | null> {
    const body = await this.api.get(this.api.repoPath(repo)).catch(nullWhenGone);
    if (body === null) return null;
    const hooks = await this.api.all(`${this.api.repoPath(repo)}/hooks`, listIn).catch(nullWhenNotAllowed);
    return { canPush: valueIn(body, 'permissions', 'push') === true, hooks: hooks && hooks.map(hookIn) };
  }

  private async openOne(repo: string, head: string, base: string): Promise<PullRequest> {
    const open = await this.pullRequests(repo, head, 'open');
    const existing = open.find((pull) => pull.baseBranch === base);
    if (existing) return existing;
    throw new ForgeUnavailable(`the pull request of ${head} is said to exist, but it is not in the list`);
  }

  /** The list takes no head filter and says nothing about it, so the branch is compared here. Oldest first keeps the pages in place. */
  private async pullRequests(repo: string, head: string, state: 'open' | 'all'): Promise<PullRequest[]> {
    const path = `${this.api.repoPath(repo)}/pulls?state=${state}&sort=oldest`;
    const bodies = (await this.api.all(path, listIn)).filter((body) => !isFromFork(body));
    const pulls = bodies.map(pullRequestIn).filter((pull) => pull !== null);
    const own = pulls.filter((pull) => pull.headBranch === head && (state === 'all' || pull.state === state));
    return [...new Map(own.map((pull) => [pull.number, pull])).values()];
  }
}

function nullWhenGone(error: unknown): null {
  if (error instanceof ForgeRefused && error.status === 404) return null;
  throw error;
}

/** Only who administers a repository sees its hooks. */
function nullWhenNotAllowed(error: unknown): null {
  if (error instanceof ForgeRefused && [401, 403, 404].includes(error.status)) return null;
  throw error;
}

function needed<T>(value: T | null, what: string): T {
  if (value !== null) return value;
  throw new ForgeUnavailable(`${what} came in a form that cannot be read`);
}

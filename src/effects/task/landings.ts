import type { Commit, MergeRequested } from '../../domain/task/events.js';
import type { Forge, PullRequest } from '../../integrations/forge.js';
import type { Worktrees } from '../../integrations/worktrees.js';

type Merge = MergeRequested['data'];

/** Whether a change is on the default branch already; only reads, and in doubt says no (MG-29, MG-30). */
export class Landings {
  constructor(
    private readonly forge: Forge,
    private readonly worktrees: Worktrees,
  ) {}

  /**
   * AMB-32: the default branch contains this very head, or a merged pull request of the branch had exactly this head, which is what
   * a squash leaves of it. A merge of an earlier round is not it. Null: not landed.
   */
  async of(merge: Merge): Promise<Commit | null> {
    const { repo, commit } = merge;
    return (await this.worktrees.landedAs(repo, commit.head)) ?? this.squashed(merge);
  }

  /** A forge that cannot be asked may have left it open; whoever is to close it looks again. */
  async isLeftOpen({ repo, pullRequest }: Merge): Promise<boolean> {
    const request = await this.forge.pullRequest(repo, pullRequest).catch(() => 'unknown' as const);
    return request === 'unknown' || request?.state === 'open';
  }

  private async squashed(merge: Merge): Promise<Commit | null> {
    const requests = await this.requests(merge).catch(() => []);
    const { repo, branch, commit } = merge;
    const merged = requests.find((request) => request.merged && isOf(request, branch, commit.head));
    return merged?.mergeCommit ? this.worktrees.landedAs(repo, merged.mergeCommit) : null;
  }

  /** While its own pull request is open nobody has merged another one of the same branch and left this one. */
  private async requests({ repo, branch, pullRequest }: Merge): Promise<readonly PullRequest[]> {
    const own = await this.forge.pullRequest(repo, pullRequest);
    return own?.state === 'open' ? [own] : this.forge.pullRequestsOfBranch(repo, branch);
  }
}

/** The forge's list takes no head filter, so the branch is compared here (MG-32). */
function isOf({ headBranch, headSha }: PullRequest, branch: string, head: string): boolean {
  return headBranch === branch && headSha === head;
}

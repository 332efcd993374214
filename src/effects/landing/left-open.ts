import { ReportPullRequestClosed } from '../../domain/landing/commands.js';
import type { PullRequestLeftOpen } from '../../domain/landing/events.js';
import type { Forge } from '../../integrations/forge.js';
import type { RecordedEvent } from '../../kernel/event.js';
import type { Effect, Outcome } from '../effect.js';

type LeftOpen = RecordedEvent<PullRequestLeftOpen>;

/** A forge has merged and not known of it: nobody is to review, or merge once more, what has landed (Gitea issue 39254). */
export class LeftOpenPullRequests implements Effect<PullRequestLeftOpen> {
  readonly intent = 'PullRequestLeftOpen';
  readonly effectClass = 'probeable';

  constructor(private readonly forge: Pick<Forge, 'closeLanded'>) {}

  lane({ data }: LeftOpen): string {
    return `pull request ${data.repo} ${data.pullRequest}`;
  }

  async act({ stream, data }: LeftOpen, outcome: Outcome): Promise<void> {
    const { workItem, repo, pullRequest, commit } = data;
    const how = await this.forge.closeLanded(repo, { number: pullRequest, commit });
    await outcome.report(ReportPullRequestClosed, stream, { workItem, repo, pullRequest, how });
  }
}

import { Logger } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { Args, Resolver, Subscription } from '@nestjs/graphql';
import { canonicalWorkItem } from '../../kernel/pipeline/work-item.js';
import { Projector, type CommittedPage } from '../../projections/engine/projector.js';
import { FindRuns, type AgentRunRow } from '../../projections/job/job-queries.js';
import { FindTasks } from '../../projections/task/task-queries.js';
import { Feed } from './feed.js';
import { LiveRuns } from './live-runs.js';
import { eventView, runView, taskView } from '../views.js';

interface About {
  readonly workItem?: string | null;
}

/** Told after the commit, so whoever asks again sees at least what he was told. */
@Resolver()
export class SubscriptionsResolver {
  private readonly logger = new Logger('graphql');

  constructor(
    private readonly projector: Projector,
    private readonly queries: QueryBus,
    private readonly live: LiveRuns,
  ) {}

  @Subscription('taskChanged')
  taskChanged(@Args() about: About) {
    return this.feed(async ({ changed }) => {
      const ids = (changed.get('tasks') ?? []) as number[];
      const rows = ids.length === 0 ? [] : await this.queries.execute(new FindTasks(ids));
      return rows.filter((row) => isAbout(row.work_item_id, about)).map((row) => ({ taskChanged: taskView(row) }));
    });
  }

  @Subscription('eventAppended')
  eventAppended(@Args() about: About & { readonly type?: readonly string[] | null }) {
    return this.feed(async ({ events }) =>
      events
        .filter((event) => isAbout(event.metadata.$correlationId, about) && (about.type?.includes(event.type) ?? true))
        .map((event) => ({ eventAppended: eventView(event) })),
    );
  }

  @Subscription('runProgress')
  runProgress(@Args() about: About) {
    const told = (rows: readonly AgentRunRow[]) =>
      rows.filter((row) => isAbout(row.work_item_id, about)).map((row) => ({ runProgress: runView(row) }));
    const changes = async ({ changed }: CommittedPage) => {
      const ids = (changed.get('runs') ?? []) as string[];
      return ids.length === 0 ? [] : told(await this.queries.execute(new FindRuns(ids)));
    };
    return this.feed(changes, (push) => this.live.join((row) => told([row]).forEach(push)));
  }

  /** One page after the other, so that what is told keeps the order of the log. */
  private feed<T>(
    tell: (page: CommittedPage) => Promise<readonly T[]>,
    beside: (push: (item: T) => void) => () => void = () => () => undefined,
  ): Feed<T> {
    return new Feed<T>((push) => {
      let last: Promise<void> = Promise.resolve();
      const leave = this.projector.onCommitted((page) => {
        last = last
          .then(async () => (await tell(page)).forEach(push))
          .catch((error: unknown) => this.logger.error(error));
      });
      const leaveBeside = beside(push);
      return () => {
        leave();
        leaveBeside();
      };
    });
  }
}

function isAbout(workItem: string | null, about: About): boolean {
  return !about.workItem || workItem === canonicalWorkItem(about.workItem);
}

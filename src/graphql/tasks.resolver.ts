import { Args, Query, Resolver } from '@nestjs/graphql';
import { QueryBus } from '@nestjs/cqrs';
import { ListJobs, type JobFilter } from '../projections/job/job-queries.js';
import { FindTask, ListTasks, type TaskFilter } from '../projections/task/task-queries.js';
import { connectionOf } from './connections.js';
import { jobView, taskView } from './views.js';

@Resolver()
export class TasksResolver {
  constructor(private readonly queries: QueryBus) {}

  @Query('task')
  async task(@Args('workItem') workItem: string) {
    const row = await this.queries.execute(new FindTask(workItem));
    return row && taskView(row);
  }

  @Query('tasks')
  async tasks(@Args() filter: TaskFilter) {
    const page = await this.queries.execute(new ListTasks(filter));
    return { ...connectionOf(page, (row) => row.id, taskView), totalCount: page.totalCount };
  }

  @Query('jobs')
  async jobs(@Args() filter: JobFilter) {
    const page = await this.queries.execute(new ListJobs(filter));
    return { ...connectionOf(page, (row) => row.id, jobView), totalCount: page.totalCount };
  }
}

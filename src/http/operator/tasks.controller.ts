import { Body, Controller, Delete, Headers, HttpCode, NotFoundException, Param, Post } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { DeclareDependency, WithdrawDependency } from '../../domain/admission/commands.js';
import { CancelTask } from '../../domain/task/commands.js';
import { EdgesElsewhere, FindPrerequisite, type Prerequisite } from '../../projections/admission/admission-queries.js';
import { CancelBody, DependencyBody, DependencyPath, TaskPath } from './bodies.js';
import { Operator, operatorOf } from './operator.js';

@Controller('tasks')
export class TasksController {
  constructor(
    private readonly operator: Operator,
    private readonly queries: QueryBus,
  ) {}

  @Post(':workItem/dependencies')
  async declare(
    @Param() { workItem }: TaskPath,
    @Body() { depends_on }: DependencyBody,
    @Headers('x-actor') who?: string,
  ): Promise<object> {
    const task = await this.operator.task(workItem);
    const { repo, id: taskId, work_item_id } = task;
    const { workItem: dependsOn, ended } = await this.prerequisite(depends_on);
    const elsewhere = await this.queries.execute(new EdgesElsewhere(repo));
    const { position } = await this.operator.changeInOrder(task, {
      type: DeclareDependency,
      stream: `admission-${repo}`,
      payload: { repo, taskId, workItem: work_item_id, dependsOn, ended, elsewhere },
      actor: operatorOf(who),
      about: work_item_id,
    });
    return { work_item: work_item_id, depends_on: dependsOn, declared: true, changed: position !== null };
  }

  @Delete(':workItem/dependencies/:dependsOn')
  async withdraw(
    @Param() { workItem, dependsOn: other }: DependencyPath,
    @Headers('x-actor') who?: string,
  ): Promise<object> {
    const { repo, id: taskId, work_item_id } = await this.operator.task(workItem);
    const { workItem: dependsOn } = await this.prerequisite(other);
    const { position } = await this.operator.change({
      type: WithdrawDependency,
      stream: `admission-${repo}`,
      payload: { repo, taskId, workItem: work_item_id, dependsOn },
      actor: operatorOf(who),
      about: work_item_id,
    });
    return { work_item: work_item_id, depends_on: dependsOn, declared: false, changed: position !== null };
  }

  /** Ends the task: its agent is stopped with everything that it started, its jobs end, the next task may go on. */
  @Post(':workItem/cancel')
  @HttpCode(200)
  async cancel(
    @Param() { workItem }: TaskPath,
    @Body() body?: CancelBody,
    @Headers('x-actor') who?: string,
  ): Promise<object> {
    const { id, work_item_id } = await this.operator.task(workItem);
    const by = operatorOf(who);
    const payload = { by, reason: body?.reason ?? `cancelled by ${by}` };
    const { position } = await this.operator.change({
      ...{ type: CancelTask, stream: `task-${id}`, payload, actor: by, about: work_item_id },
    });
    return { work_item: work_item_id, cancelled: true, changed: position !== null };
  }

  private async prerequisite(workItem: string): Promise<Prerequisite> {
    const found = await this.queries.execute(new FindPrerequisite(workItem));
    if (found) return found;
    throw new NotFoundException({ code: 'unknown-work-item', message: `nothing is known of ${workItem}` });
  }
}

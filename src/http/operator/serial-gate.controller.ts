import { Body, Controller, Headers, HttpCode, Inject, NotFoundException, Post, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { FreezeRepo, PauseTask, ResumeTask, UnfreezeRepo } from '../../domain/admission/commands.js';
import { POLICY, projectOf, type Policy } from '../../kernel/pipeline/policy.js';
import { FreezesOf } from '../../projections/admission/admission-queries.js';
import type { FreezeRow } from '../../projections/admission/freezes.js';
import type { TaskRow } from '../../projections/task/tasks.js';
import { FreezeBody, OfRepo, OfWorkItem } from './bodies.js';
import { Operator, operatorOf } from './operator.js';

@Controller('serial-gate')
export class SerialGateController {
  constructor(
    private readonly operator: Operator,
    private readonly queries: QueryBus,
    @Inject(POLICY) private readonly policy: Policy,
  ) {}

  /** The same person with the same reason is the same freeze, so that a repeated request adds no second cause. */
  @Post('freeze')
  @HttpCode(200)
  async freeze(
    @Query() { repo }: OfRepo,
    @Body() { reason }: FreezeBody,
    @Headers('x-actor') who?: string,
  ): Promise<object> {
    const actor = operatorOf(who);
    const same = (row: FreezeRow) => row.frozen_by === actor && row.reason === reason;
    if (!(await this.freezesOf(repo)).some(same)) {
      const payload = { repo, reason, workItem: null };
      await this.operator.change({ type: FreezeRepo, ...whereabouts(repo), payload, actor });
    }
    const newest = (await this.freezesOf(repo)).find(same);
    return { repo, frozen: true, frozen_at: newest?.frozen_at ?? null, reason };
  }

  @Post('unfreeze')
  @HttpCode(200)
  async unfreeze(@Query() { repo }: OfRepo, @Headers('x-actor') who?: string): Promise<object> {
    await this.freezesOf(repo);
    const actor = operatorOf(who);
    const answer = await this.operator.change({ type: UnfreezeRepo, ...whereabouts(repo), payload: { repo }, actor });
    const lifted = answer.events.find(({ type }) => type === 'FreezeLifted');
    const causes = (lifted?.data as { readonly causeIds: readonly string[] } | undefined)?.causeIds ?? [];
    return { repo, cleared: causes.length };
  }

  @Post('pause')
  @HttpCode(200)
  pause(@Query() { work_item }: OfWorkItem, @Headers('x-actor') who?: string): Promise<object> {
    return this.park(PauseTask, work_item, operatorOf(who));
  }

  @Post('resume')
  @HttpCode(200)
  resume(@Query() { work_item }: OfWorkItem, @Headers('x-actor') who?: string): Promise<object> {
    return this.park(ResumeTask, work_item, operatorOf(who));
  }

  private async park(type: typeof PauseTask | typeof ResumeTask, workItem: string, actor: string): Promise<object> {
    const task = await this.operator.task(workItem);
    const answer = await this.operator.changeInOrder(task, { type, ...aboutTask(task), actor });
    const { work_item_id, paused_at } = await this.operator.task(workItem);
    return { work_item: work_item_id, paused: paused_at !== null, paused_at, changed: answer.position !== null };
  }

  private async freezesOf(repo: string): Promise<readonly FreezeRow[]> {
    const freezes = await this.queries.execute(new FreezesOf(repo));
    if (projectOf(this.policy, repo) || freezes.length > 0) return freezes;
    throw new NotFoundException({ code: 'unknown-repo', message: `repository ${repo} is not in the project file` });
  }
}

function whereabouts(repo: string) {
  return { stream: `admission-${repo}`, about: `admission-${repo}` };
}

function aboutTask({ repo, id, work_item_id: workItem }: TaskRow) {
  return { stream: `admission-${repo}`, payload: { repo, taskId: id, workItem }, about: workItem };
}

import { Controller, Get, NotFoundException, Param, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ReadWhy } from '../projections/why/why-queries.js';
import type { Why } from '../projections/why/why.js';

@Controller('tasks')
export class WhyController {
  constructor(private readonly queries: QueryBus) {}

  /** As of now, or of a position or an ISO time. */
  @Get(':workItem/why')
  async why(@Param('workItem') workItem: string, @Query('at') at?: string): Promise<Why> {
    const why = await this.queries.execute(new ReadWhy(workItem, at ?? null));
    if (why) return why;
    const message = `no task of ${workItem} is known${at === undefined ? '' : ` as of ${at}`}`;
    throw new NotFoundException({ code: 'unknown-task', message });
  }
}

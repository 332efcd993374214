import { QueryBus } from '@nestjs/cqrs';
import { Args, Query, Resolver } from '@nestjs/graphql';
import type { PageRequest } from '../projections/engine/page.js';
import { CountEvents, ListEvents, type EventFilter } from '../projections/event/event-queries.js';
import { connectionOf } from './connections.js';
import { eventView } from './views.js';

@Resolver()
export class EventsResolver {
  constructor(private readonly queries: QueryBus) {}

  @Query('events')
  async events(@Args() filter: EventFilter & PageRequest) {
    const page = await this.queries.execute(new ListEvents(filter));
    // Counting reads the whole answer; GraphQL calls a function only when its field was asked for.
    const totalCount = () => this.queries.execute(new CountEvents(filter));
    return { ...connectionOf(page, (event) => event.position, eventView), totalCount };
  }
}

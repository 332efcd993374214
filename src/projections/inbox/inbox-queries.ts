import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { ReadModels } from '../engine/read-models.js';
import type { DeliveryRow } from './deliveries.js';

/** The first delivery of this source with this id, or with the same bytes; null when none was taken yet. */
export class FindDelivery extends Query<DeliveryRow | null> {
  constructor(
    readonly source: 'plane' | 'gitea',
    readonly by: { readonly deliveryId: string } | { readonly digest: string },
  ) {
    super();
  }
}

@QueryHandler(FindDelivery)
export class FindDeliveryHandler implements IQueryHandler<FindDelivery> {
  constructor(private readonly models: ReadModels) {}

  execute({ source, by }: FindDelivery): Promise<DeliveryRow | null> {
    const [column, value] = 'deliveryId' in by ? ['delivery_id', by.deliveryId] : ['digest', by.digest];
    const sql = `SELECT * FROM deliveries WHERE source = ? AND ${column} = ? ORDER BY position LIMIT 1`;
    return this.models.first(sql, [source, value]);
  }
}

export const INBOX_QUERY_HANDLERS = [FindDeliveryHandler];

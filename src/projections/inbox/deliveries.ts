import type { DeliveryReceived } from '../../domain/inbox/events.js';
import type { RecordedEvent } from '../../kernel/event.js';
import type { ReadModel } from '../engine/read-model.js';
import type { ReadModels } from '../engine/read-models.js';

/** A webhook that was taken. The bytes are in the log; here is what a repetition is recognised by. */
export type DeliveryRow = {
  readonly position: number;
  readonly source: 'plane' | 'gitea';
  readonly delivery_id: string | null;
  /** SHA-256 of the raw body, hex. */
  readonly digest: string;
  readonly event: string;
  readonly received_at: string;
};

export const deliveries: ReadModel<DeliveryRow> = {
  table: 'deliveries',
  key: 'position',
  version: 1,
  listensTo: ['DeliveryReceived'],
  keysOf: (event) => [event.position],
  apply: (_, event) => received(event as RecordedEvent<DeliveryReceived>),
};

function received({ position, recordedAt, data }: RecordedEvent<DeliveryReceived>): DeliveryRow {
  const { source, deliveryId, digest, event } = data;
  return { position, source, delivery_id: deliveryId, digest, event, received_at: recordedAt };
}

/** What the newest deliveries were called, oldest first. */
export async function newestDeliveryIds(models: ReadModels, limit: number): Promise<readonly DeliveryName[]> {
  const named = 'SELECT source, delivery_id AS id FROM deliveries WHERE delivery_id IS NOT NULL';
  return (await models.all<DeliveryName>(`${named} ORDER BY position DESC LIMIT ?`, [limit])).reverse();
}

type DeliveryName = { readonly source: string; readonly id: string };

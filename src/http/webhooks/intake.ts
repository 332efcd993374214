import type { CommandBus } from '@nestjs/cqrs';
import { createHash } from 'node:crypto';
import { ReceiveDelivery } from '../../domain/inbox/commands.js';
import type { DeliveryReceived } from '../../domain/inbox/events.js';
import type { DeliveryReader, Headers } from '../../integrations/deliveries.js';
import type { Answer } from '../../kernel/answer.js';
import type { Clock } from '../../kernel/clock.js';
import { deriveId } from '../../kernel/ids.js';
import type { Json } from '../../kernel/json.js';
import { isRefused } from '../../kernel/refused.js';
import { toIso } from '../../kernel/time.js';
import type { RecentDeliveries } from './recent-deliveries.js';

export interface IntakeAnswer {
  readonly status: 200 | 202 | 401;
  readonly body: object;
}

export interface IntakeWorld {
  readonly commands: CommandBus;
  readonly clock: Clock;
  readonly recent: RecentDeliveries;
}

/** One source's door: checks the bytes, keeps them in the log, and only then answers. It asks neither tracker nor forge. */
export class Intake<Says extends { readonly kind: string }> {
  constructor(
    private readonly source: DeliveryReceived['data']['source'],
    private readonly reader: DeliveryReader<Says>,
    /** Why a delivery is none of ours, or null. */
    private readonly unknown: (says: Says) => string | null,
    private readonly world: IntakeWorld,
  ) {}

  async receive(raw: Buffer, headers: Headers, body: unknown): Promise<IntakeAnswer> {
    if (!this.reader.signatureHolds(raw, headers)) return refused();
    const says = this.reader.read(headers, body);
    const reason = says.kind === 'ignored' ? (says as unknown as { reason: string }).reason : this.unknown(says);
    if (reason !== null) return declined(reason);
    const digest = createHash('sha256').update(raw).digest('hex');
    const deliveryId = this.reader.deliveryId(headers);
    if (this.world.recent.has(this.source, deliveryId)) return declined('duplicate');
    const event = this.reader.eventName(headers);
    const data = {
      source: this.source,
      deliveryId,
      digest,
      event,
      says: says as unknown as DeliveryReceived['data']['says'],
      body: body as Json,
    };
    return this.keep(data, this.reader.contentId(body));
  }

  private async keep(delivery: DeliveryReceived['data'], contentId: string | null): Promise<IntakeAnswer> {
    const stream = contentId === null ? streamOf(delivery) : `inbox-${delivery.source}-event-${contentId}`;
    const context = {
      commandId: deriveId('delivery', stream),
      at: toIso(this.world.clock.now()),
      actor: 'system',
      correlationId: stream,
      causationId: null,
    };
    const answer: Answer = await this.world.commands.execute(new ReceiveDelivery(stream, delivery, context));
    if (isRefused(answer) || answer.position === null) return declined('duplicate');
    this.world.recent.add(this.source, delivery.deliveryId);
    return { status: 202, body: { accepted: true, position: answer.position } };
  }
}

/** Plane gives every retry a new id but the same bytes; a forge's redelivery has its own id and may repeat bytes that mean something new. */
function streamOf({ source, deliveryId, digest }: DeliveryReceived['data']): string {
  return source === 'plane' || deliveryId === null ? `inbox-${source}-${digest}` : `inbox-${source}-${deliveryId}`;
}

function declined(reason: string): IntakeAnswer {
  return { status: 200, body: { accepted: false, reason } };
}

function refused(): IntakeAnswer {
  const message =
    'the signature of the webhook is missing or wrong; compare the secret here with the one in the webhook';
  return { status: 401, body: { error: { code: 'signature', message } } };
}

import { Global, Module } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import {
  FORGE_DELIVERIES,
  TRACKER_DELIVERIES,
  type ForgeDeliveries,
  type Headers,
  type TrackerDeliveries,
} from './deliveries.js';
import { giteaSignatureHolds, readGiteaDelivery } from './gitea/gitea-delivery.js';
import { textIn } from './wire/untrusted.js';
import { planeSignatureHolds, readPlaneDelivery } from './plane/plane-delivery.js';

/** How the doors check and read what tracker and forge send. */
@Global()
@Module({
  providers: [
    {
      provide: TRACKER_DELIVERIES,
      inject: [CONFIG],
      useFactory: ({ webhooks }: Config) => planeDeliveries(webhooks.planeSecret),
    },
    {
      provide: FORGE_DELIVERIES,
      inject: [CONFIG],
      useFactory: ({ webhooks, gitea }: Config) => giteaDeliveries(webhooks.giteaSecret, gitea?.owner ?? null),
    },
  ],
  exports: [TRACKER_DELIVERIES, FORGE_DELIVERIES],
})
export class DeliveriesModule {}

function planeDeliveries(secret: string | null): TrackerDeliveries {
  return {
    signatureHolds: (raw, headers) =>
      secret === null || planeSignatureHolds(secret, raw, one(headers, 'x-plane-signature')),
    deliveryId: (headers) => one(headers, 'x-plane-delivery') ?? null,
    // Version 2 repeats neither its delivery id nor its bytes, but this.
    contentId: (body) => /^[\w-]{1,64}$/.exec(textIn(body, 'event_id') ?? '')?.[0] ?? null,
    eventName: (headers) => one(headers, 'x-plane-event') ?? 'unknown',
    read: (_headers, body) => readPlaneDelivery(body),
  };
}

function giteaDeliveries(secret: string | null, owner: string | null): ForgeDeliveries {
  return {
    signatureHolds: (raw, headers) => secret === null || giteaSignatureHolds(secret, raw, headers),
    deliveryId: (headers) => one(headers, 'x-gitea-delivery') ?? null,
    contentId: () => null,
    eventName: (headers) => one(headers, 'x-gitea-event-type') ?? one(headers, 'x-gitea-event') ?? 'unknown',
    read: (headers, body) => {
      const [event, eventType] = [one(headers, 'x-gitea-event'), one(headers, 'x-gitea-event-type')];
      return readGiteaDelivery({ event, eventType }, body, owner);
    },
  };
}

function one(headers: Headers, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

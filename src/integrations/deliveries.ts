import type { ForgeDelivery } from './forge.js';
import type { TrackerDelivery } from './tracker.js';

export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** How webhooks of one source are told apart from forgeries and read; pure, and never asks the source anything. */
export interface DeliveryReader<Says> {
  /** Over the raw bytes, in constant time; an empty signature is a wrong one. Without a secret every body is taken. */
  signatureHolds(raw: Buffer, headers: Headers): boolean;
  /** Null when the source sent none. Plane's is a new one on every retry. */
  deliveryId(headers: Headers): string | null;
  /** Stable over retries, where the body has such a thing; null otherwise. */
  contentId(body: unknown): string | null;
  eventName(headers: Headers): string;
  read(headers: Headers, body: unknown): Says;
}

export const TRACKER_DELIVERIES = Symbol('TrackerDeliveries');
export const FORGE_DELIVERIES = Symbol('ForgeDeliveries');

export type TrackerDeliveries = DeliveryReader<TrackerDelivery>;
export type ForgeDeliveries = DeliveryReader<ForgeDelivery>;

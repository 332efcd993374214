import { createHmac, timingSafeEqual } from 'node:crypto';

const HEX_SHA256 = /^[0-9a-f]{64}$/i;

/**
 * HMAC-SHA256 over the bytes as they came: serialised again they would be others. Without a secret nothing holds, and an
 * empty signature is a wrong one, because both systems send the empty header when they have no secret.
 */
export function signatureHolds(secret: string, rawBody: Buffer, hex: string | undefined): boolean {
  if (secret === '' || hex === undefined || !HEX_SHA256.test(hex)) return false;
  const expected = createHmac('sha256', secret).update(rawBody).digest();
  return timingSafeEqual(expected, Buffer.from(hex, 'hex'));
}

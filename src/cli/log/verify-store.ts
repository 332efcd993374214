import { withoutUser } from '../../event-log/eventstoredb/connection/address.js';
import { verifyStreams, type VerifyStreamsOptions } from '../../event-log/eventstoredb/verify.js';
import type { Verified } from './verified.js';

/** On a shared store every stream has a chain of its own; the order of all is folded on the way. */
export async function verifyStore(options: VerifyStreamsOptions): Promise<Verified> {
  const { broken, head: position, hash, events, streams, voidEvents, openIntents } = await verifyStreams(options);
  const [first] = broken;
  if (!first) return { intact: true, head: { position, hash }, events, streams, voidEvents, openIntents };
  const event = first.stream === '' ? '' : `, ${first.stream}@${first.revision}`;
  const place = `The event log ${withoutUser(options.url)} is broken at position ${first.position}${event}`;
  return { intact: false, position: first.position, why: first.why, sentence: `${place}: ${first.what}` };
}

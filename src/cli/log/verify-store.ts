import { verifyStreams } from '../../event-log/eventstoredb/verify.js';
import { CommandFailed } from '../failure.js';
import { print, printJson } from '../terminal/text.js';

interface Shown {
  readonly json?: boolean;
  readonly digest?: string;
}

/** On a shared store every stream has a chain of its own. */
export async function verifyStore(url: string, { json, digest }: Shown): Promise<void> {
  if (digest !== undefined)
    throw new CommandFailed(2, 'A digest is of a chain over the whole log, which an event store has not');
  const verification = await verifyStreams({ url });
  const { intact, events, streams, voidEvents, head, broken } = verification;
  if (json) printJson(verification);
  else if (intact)
    print(`The log is intact: ${events} events in ${streams} streams, ${voidEvents} without effect, head at ${head}`);
  const [first] = broken;
  if (!first) return;
  const what =
    first.why === 'hash' ? 'it, or the link of it, is not what was written' : 'it does not continue its stream';
  throw new CommandFailed(
    1,
    `The event log is broken at position ${first.position}, ${first.stream}@${first.revision}: ${what}`,
  );
}

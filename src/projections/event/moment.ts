import type { EventLog } from '../../event-log/event-log.js';
import type { Position } from '../../kernel/event.js';
import { fromIso, toIso } from '../../kernel/time.js';

export class MomentRefused extends Error {
  constructor(
    text: string,
    sentence = `'${text}' is neither a position of the log nor an ISO time such as 2026-01-31T12:00:00Z`,
  ) {
    super(sentence);
    this.name = 'MomentRefused';
  }
}

/** The position of the last event before the moment: what `since` starts after. */
export function positionBefore(log: EventLog, moment: string): Promise<Position> {
  return resolve(log, moment, { position: (at) => at - 1, isBefore: (recordedAt, iso) => recordedAt < iso });
}

/** The position of the last event at or before the moment: what `until` and `at` end with. */
export function positionAt(log: EventLog, moment: string): Promise<Position> {
  return resolve(log, moment, { position: (at) => at, isBefore: (recordedAt, iso) => recordedAt <= iso });
}

/** The same for a question about that moment: it has to lie between the beginning and the end of the log. */
export async function momentAt(log: EventLog, moment: string): Promise<Position> {
  const position = await positionAt(log, moment);
  const head = await log.head();
  if (position > head)
    throw new MomentRefused(moment, `Position ${moment} is beyond the end of the log, which is at ${head}`);
  const { wholeFrom = 1 } = log;
  if (position > 0 && position < wholeFrom - 1) {
    throw new MomentRefused(moment, `At '${moment}' this excerpt is not whole: it is from position ${wholeFrom} on`);
  }
  if (position > 0) return position;
  const [first] = await log.readAll({ limit: 1 });
  const begins = first ? `begins with position ${first.position} at ${first.recordedAt}` : 'is empty';
  throw new MomentRefused(moment, `There was nothing yet at '${moment}': the log ${begins}`);
}

/** When the event at this position, or the last one before it, was recorded; 0 when there is none. */
export async function timeAt(log: EventLog, position: Position): Promise<number> {
  const [last] = await log.readAll({ after: position + 1, direction: 'backwards', limit: 1 });
  return last ? fromIso(last.recordedAt) : 0;
}

const ISO = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}([.]\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?)?$/;

/** A time without a zone is UTC, as every time is that is shown (UNK-50). */
export function timeIn(moment: string): number {
  const [form, time, , , zone] = ISO.exec(moment) ?? [];
  const epochMs = form === undefined ? NaN : fromIso(time !== undefined && zone === undefined ? `${form}Z` : form);
  if (Number.isNaN(epochMs)) throw new MomentRefused(moment);
  return epochMs;
}

const PAGE = 200;

interface Side {
  position(at: Position): Position;
  isBefore(recordedAt: string, iso: string): boolean;
}

async function resolve(log: EventLog, moment: string, side: Side): Promise<Position> {
  if (/^\d{1,15}$/.test(moment)) return side.position(Number(moment));
  const epochMs = timeIn(moment);
  return search(log, (recordedAt) => side.isBefore(recordedAt, toIso(epochMs)));
}

/** The position of the last event that is before; a short log is one page. */
async function search(log: EventLog, isBefore: (recordedAt: string) => boolean): Promise<Position> {
  const page = await log.readAll({ limit: PAGE });
  const begun = page.findLast(({ recordedAt }) => isBefore(recordedAt))?.position ?? 0;
  const isFound = page.length < PAGE || begun < (page.at(-1)?.position ?? 0);
  return isFound ? begun : bisect(log, isBefore, begun);
}

/** Over positions, holes included, because events have no index by time. */
async function bisect(log: EventLog, isBefore: (recordedAt: string) => boolean, begun: Position): Promise<Position> {
  let [low, high] = [begun, await log.head()];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const [event] = await log.readAll({ after: middle, limit: 1 });
    if (event && isBefore(event.recordedAt)) low = event.position;
    else high = middle;
  }
  return low;
}

import type { DomainEvent, Position, RecordedEvent } from '../../kernel/event.js';
import { toIso } from '../../kernel/time.js';
import { describe } from '../../projections/timeline/wording.js';
import { firstDifference, type Outcome } from '../decisions/outcome.js';
import type { ClaimChange } from './claims.js';
import type { Otherwise } from './report.js';

type Entry = Omit<Otherwise, 'number'>;

/** Writes down what would have gone otherwise, from what it follows, and what nobody can know. */
export class Ledger {
  readonly differences: Otherwise[] = [];
  private readonly statements = new Set<string>();
  /** By stream and by work item, the newest difference there. */
  private readonly newest = new Map<string, number>();
  private readonly stopped = new Map<string, { count: number; readonly since: string }>();

  get unknown(): readonly string[] {
    const stopped = [...this.stopped].map(([workItem, { count, since }]) =>
      count === 0
        ? `What became of ${workItem} after ${since}: its work would have gone on later, and agents may have done something else by then.`
        : `What became of ${workItem} after ${since}: ${count} later job${count === 1 ? '' : 's'} of it would not have started when recorded either.`,
    );
    return [...this.statements, ...stopped];
  }

  add(entry: Entry): number {
    const number = this.differences.length + 1;
    this.differences.push({ number, ...entry });
    this.newest.set(entry.stream, number);
    return number;
  }

  /** What happened in the one stream is a reason for what happens in the other. */
  linkStreams(from: string, to: string): void {
    const number = this.newest.get(from);
    if (number !== undefined) this.newest.set(to, number);
  }

  lastIn(...streams: readonly string[]): number | null {
    const numbers = streams.map((stream) => this.newest.get(stream)).filter((number) => number !== undefined);
    return numbers.length === 0 ? null : Math.max(...numbers);
  }

  say(sentence: string): void {
    this.statements.add(sentence);
  }

  claim(change: ClaimChange): void {
    const { job, kind, atMs, why } = change;
    const workItem = job.workItem ?? `job-${job.id}`;
    const at = toIso(atMs);
    if (kind === 'prevented' && this.isStopped(workItem, at)) return;
    const stream = `job-${job.id}`;
    const who = `job ${job.id} (${job.agent} of ${workItem})`;
    const follows = this.lastIn(stream, `admission-${job.repo}`) ?? this.newestClaim;
    const about = { position: null, at, stream, workItem, command: 'ClaimJob', why, follows };
    this.add({ kind: 'claim', ...about, ...startsOf(change, who) });
    if (kind !== 'prevented') this.say(afterStart(change, who));
  }

  /** Of jobs that have nothing else to do with each other, one takes the slot of another. */
  private get newestClaim(): number | null {
    const claim = this.differences.findLast(({ kind }) => kind === 'claim');
    return (claim ?? this.differences.at(-1))?.number ?? null;
  }

  private isStopped(workItem: string, since: string): boolean {
    const known = this.stopped.get(workItem);
    if (known) known.count += 1;
    else this.stopped.set(workItem, { count: 0, since });
    return known !== undefined;
  }
}

function startsOf({ kind, atMs, recordedMs }: ClaimChange, who: string): Pick<Entry, 'recorded' | 'counterfactual'> {
  const recorded = recordedMs === null ? 'no such start' : `${who} started at ${toIso(recordedMs)}`;
  return {
    recorded: [recorded],
    counterfactual: [`${who} ${kind === 'prevented' ? 'waits' : `starts at ${toIso(atMs)}`}`],
  };
}

function afterStart({ kind, recordedMs, job }: ClaimChange, who: string): string {
  if (kind === 'never-recorded')
    return `What ${who} would have done: this start is not in the log. Its slot is taken for as long as runs of a ${job.agent} usually took.`;
  const when = kind === 'earlier' ? 'earlier' : 'later';
  return `What ${who} would have done ${when} than at ${toIso(recordedMs ?? 0)}: its run is taken to last as long, and what came of it is taken as recorded.`;
}

/** Events as they would stand in the log, worded for people. */
export function worded(events: readonly RecordedEvent[]): readonly string[] {
  return events.length === 0 ? ['nothing'] : events.map((event) => describe(event));
}

/** Where the sentences are those of the record, the values that differ are named with them. */
export function wordedOutcome(
  outcome: Outcome,
  there: readonly RecordedEvent[],
  recorded: readonly RecordedEvent[],
): readonly string[] {
  switch (outcome.kind) {
    case 'events':
      return there
        .map((event, index) => wordedBeside(event, recorded[index]))
        .concat(there.length > 0 ? [] : worded([]));
    case 'refused':
      return [`nothing: ${outcome.sentence}`];
    case 'fault':
      return [`a fault: ${outcome.message}`];
  }
}

function wordedBeside(event: RecordedEvent, recorded: RecordedEvent | undefined): string {
  const sentence = describe(event);
  if (recorded?.type !== event.type || describe(recorded) !== sentence) return sentence;
  const difference = firstDifference(recorded.data, event.data);
  if (!difference) return sentence;
  return `${sentence} (${difference.path} ${JSON.stringify(difference.computed)} instead of ${JSON.stringify(difference.recorded)})`;
}

/** What a decision comes to, in the form in which the log would give it back. */
export function asRecorded(
  events: readonly DomainEvent[],
  like: RecordedEvent,
  ids: (ordinal: number) => string,
  position: Position = like.position,
): readonly RecordedEvent[] {
  return events.map((event, ordinal) => ({
    ...like,
    ...event,
    id: ids(ordinal),
    revision: like.revision + ordinal,
    position,
  }));
}

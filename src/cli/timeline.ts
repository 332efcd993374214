import type { Command } from 'commander';
import type { RecordedEvent } from '../kernel/event.js';
import { canonicalWorkItem } from '../kernel/pipeline/work-item.js';
import { timelineOf, type TimelineEntry } from '../projections/timeline/timeline.js';
import { CommandFailed } from './failure.js';
import { eventsOf, withLog, type LogChoice } from './log-access.js';
import { aligned, coloured, dim, duration, oneLine, printJson, printRow, short } from './terminal/text.js';

export function addTimeline(program: Command): void {
  program
    .command('timeline <work-item>')
    .description("a task's whole story: durations, who or what caused each step, cost")
    .option('--db <file>', 'another log file, for example a copy')
    .option('--json', 'one object a line')
    .action((workItem: string, options: LogChoice & { readonly json?: boolean }) =>
      withLog(options, async (log) => show(storyOf(workItem, await eventsOf(log, workItem)), options.json)),
    );
}

/** The events of one work item and their wording. */
export interface Story {
  readonly workItem: string;
  readonly events: readonly RecordedEvent[];
  readonly entries: readonly TimelineEntry[];
}

export function storyOf(given: string, events: readonly RecordedEvent[]): Story {
  const workItem = canonicalWorkItem(given);
  if (events.length === 0) throw new CommandFailed(1, `The log has no event of ${workItem}`);
  return { workItem, events, entries: timelineOf(events) };
}

function show(story: Story, json = false): void {
  if (json) story.entries.forEach((entry) => printJson({ ...entry, position: String(entry.position) }));
  else linesOf(story).forEach(printRow);
}

export function linesOf(story: Story): readonly string[] {
  const causes = new Map(story.events.map((event) => [event.id, event]));
  const rows = story.entries.map((entry) => [
    entry.at.slice(11, 23),
    `+${duration(entry.sinceStartMs)}`,
    String(entry.position),
    causeOf(entry, causes),
    oneLine(short(entry.text)),
  ]);
  const table = aligned([['time', 'elapsed', 'event', 'because of', 'what happened'], ...rows]);
  const lines = table.map((line, index) => paint(line, story.entries[index - 1]));
  return [`${story.workItem}${titleOf(story.events)}`, '', ...lines, '', summaryOf(story)];
}

function paint(line: string, entry: TimelineEntry | undefined): string {
  return entry ? coloured(entry.type, line) : dim(line);
}

/** A person is the cause that matters; of machinery, the event that it reacted to. */
function causeOf({ actor, causationId }: TimelineEntry, causes: ReadonlyMap<string, RecordedEvent>): string {
  const cause = causationId === null ? undefined : causes.get(causationId);
  const event = cause ? `${cause.position} ${cause.type}` : '';
  return actor === 'system' || actor.startsWith('policy:') ? event || actor : `${short(actor)} ${event}`.trim();
}

function titleOf(events: readonly RecordedEvent[]): string {
  const opened = events.find(({ type }) => type === 'TaskOpened')?.data as
    { title: string; branch: string } | undefined;
  return opened ? `  ${opened.title}  (${opened.branch})` : '';
}

export function summaryOf({ events, entries }: Story): string {
  const costs = events.flatMap(({ type, data }) =>
    type === 'RunEnded' ? [(data as { costUsd: number | null }).costUsd] : [],
  );
  const known = costs.filter((cost) => cost !== null).reduce((sum, cost) => sum + cost, 0);
  const unknown = costs.filter((cost) => cost === null).length;
  const took = duration(entries.at(-1)?.sinceStartMs ?? 0);
  const cost = `${known.toFixed(2)} USD${unknown > 0 ? ` and ${unknown} of unknown cost` : ''}`;
  return `${events.length} events in ${took}, ${costs.length} agent runs for ${cost}`;
}

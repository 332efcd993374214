import type { Command } from 'commander';
import { momentAt } from '../projections/event/moment.js';
import { settingsAt } from '../projections/event/settings-at.js';
import { whyAt } from '../projections/why/why-at.js';
import type { Why } from '../projections/why/why.js';
import { CommandFailed } from './failure.js';
import { withLog, type LogChoice } from './log-access.js';
import { aligned, dim, print, printJson, short } from './terminal/text.js';
import { settingsOf } from './settings.js';

interface WhyOptions extends LogChoice {
  readonly at?: string;
  readonly json?: boolean;
}

export function addWhy(program: Command): void {
  program
    .command('why <work-item>')
    .description(
      'why a task is not moving, who put it there, and what would release it; exit 1 when something holds it',
    )
    .option('--at <X>', 'as of a position or an ISO time')
    .option('--db <file>', 'another log file, for example a copy')
    .option('--json', 'one object')
    .action(showWhy);
}

async function showWhy(workItem: string, options: WhyOptions): Promise<void> {
  const why = await withLog(options, async (log) => {
    const position = options.at === undefined ? await log.head() : await momentAt(log, options.at);
    // The configuration takes longer to load than the answer: only a log without settings needs it.
    const policy = (await settingsAt(log, position)) ?? (await settingsOf()).policy;
    return whyAt(log, workItem, position, policy);
  });
  if (!why) throw new CommandFailed(2, `The log has no task of ${workItem}`);
  if (options.json) printJson(why);
  else linesOf(why).forEach(print);
  if (why.waiting) process.exitCode = 1;
}

export function linesOf({ work_item, stage, reasons, next }: Why): readonly string[] {
  const head = `${work_item} is in ${stage}`;
  const after = next === null ? [] : [dim(`next: ${next}`)];
  if (reasons.length === 0) return [`${head}: nothing holds it`, ...after];
  const rows = reasons.map(({ code, ref, since, position, actor, clearsWhen }) => [
    ...[code, ref, since, position === null ? '' : String(position), short(actor ?? ''), clearsWhen],
  ]);
  const table = aligned([['reason', 'held by', 'since', 'event', 'who', 'until'], ...rows]);
  return [`${head} and waits`, '', ...table.map((line, index) => (index === 0 ? dim(line) : line)), '', ...after];
}

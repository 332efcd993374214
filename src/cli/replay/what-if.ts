import type { Command } from 'commander';
import type { EventLog } from '../../event-log/event-log.js';
import { overridesFrom } from '../../forensics/what-if/overrides.js';
import { whatIf } from '../../forensics/what-if/what-if.js';
import { fromIso } from '../../kernel/time.js';
import { positionAt, positionBefore } from '../../projections/event/moment.js';
import { withLog, type LogChoice } from '../log-access.js';
import { print, printJson } from '../text.js';
import { settingsOf } from '../views.js';
import { ProgressLine } from './output.js';
import { reportAsJson, reportLines } from './what-if-text.js';

interface WhatIfOptions extends LogChoice {
  readonly set: readonly string[];
  readonly since?: string;
  readonly until?: string;
  readonly json?: boolean;
}

export function addWhatIf(replay: Command): void {
  replay
    .command('what-if')
    .description(
      'decides again under other settings: what would have gone otherwise, what comes of it, and what nobody can know',
    )
    .requiredOption('--set <NAME=value...>', 'a setting as in .env.example; may be given several times')
    .option('--since <X>', 'as if it had been changed at a position or an ISO time')
    .option('--until <X>', 'up to a position or an ISO time')
    .option('--db <file>', 'another log file, for example a copy')
    .option('--json', 'one object a line')
    .action((options: WhatIfOptions) => withLog(options, (log) => show(log, options)));
}

async function show(log: EventLog, { set, since, until, json }: WhatIfOptions): Promise<void> {
  const { settings, unread } = overridesFrom(set);
  const head = await log.head();
  const range = {
    after: since === undefined ? 0 : Math.max(0, await positionBefore(log, since)),
    until: until === undefined ? head : Math.min(head, await positionAt(log, until)),
  };
  const progress = new ProgressLine('deciding again');
  const report = await whatIf(log, {
    ...{ settings, range, policy: settingsOf().policy, beginMs: timeOf(since) },
    onProgress: (position) => progress.tell({ from: range.after, position, head: range.until }),
  });
  progress.end();
  if (json) reportAsJson(report, unread).forEach(printJson);
  else reportLines(report, unread).forEach(print);
  if (report.differences.length > 0) process.exitCode = 1;
}

/** Null for a position, which has a time of its own. */
function timeOf(moment: string | undefined): number | null {
  return moment === undefined || /^\d{1,15}$/.test(moment) ? null : fromIso(moment);
}

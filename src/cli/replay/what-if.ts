import type { EventLog } from '../../event-log/event-log.js';
import { OverrideRefused, overridesFrom, type Overrides } from '../../forensics/what-if/settings/overrides.js';
import { whatIf } from '../../forensics/what-if/what-if.js';
import { positionAt, positionBefore, timeIn } from '../../projections/event/moment.js';
import { CommandFailed } from '../failure.js';
import { withLog, type LogChoice } from '../log-access.js';
import { ProgressLine } from '../terminal/progress.js';
import { print, printJson } from '../terminal/text.js';
import { settingsOf } from '../settings.js';
import { reportAsJson, reportLines } from './what-if-text.js';

export interface WhatIfOptions extends LogChoice {
  readonly set: readonly string[];
  readonly since?: string;
  readonly until?: string;
  readonly json?: boolean;
}

export function showWhatIf(options: WhatIfOptions): Promise<void> {
  const overrides = readOverrides(options.set);
  return withLog(options, (log) => show(log, overrides, options));
}

function readOverrides(set: readonly string[]): Overrides {
  try {
    return overridesFrom(set);
  } catch (error) {
    throw error instanceof OverrideRefused ? new CommandFailed(2, error.message) : error;
  }
}

async function show(log: EventLog, { settings, unread }: Overrides, options: WhatIfOptions): Promise<void> {
  const { since, until, json } = options;
  const head = await log.head();
  const range = {
    after: since === undefined ? 0 : Math.max(0, await positionBefore(log, since)),
    until: until === undefined ? head : Math.min(head, await positionAt(log, until)),
  };
  const progress = new ProgressLine('deciding again');
  const report = await whatIf(log, {
    ...{ settings, range, policy: (await settingsOf()).policy, beginMs: timeOf(since) },
    onProgress: (position) => progress.tell({ from: range.after, position, head: range.until }),
  });
  progress.end();
  if (json) reportAsJson(report, unread).forEach(printJson);
  else reportLines(report, unread).forEach(print);
  if (report.differences.length > 0) process.exitCode = 1;
}

/** Null for a position, which has a time of its own. */
function timeOf(moment: string | undefined): number | null {
  return moment === undefined || /^\d{1,15}$/.test(moment) ? null : timeIn(moment);
}

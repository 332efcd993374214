import { access } from 'node:fs/promises';
import type { EventLog } from '../../event-log/event-log.js';
import { verifyDecisions } from '../../forensics/decisions/verify-decisions.js';
import { verifyTables, type TableReport } from '../../forensics/rows/verify-tables.js';
import { READ_MODELS } from '../../projections/read-models.js';
import { CommandFailed } from '../failure.js';
import { logPlaceOf, withLog } from '../log-access.js';
import { ProgressLine } from '../terminal/progress.js';
import { figure, print, printJson } from '../terminal/text.js';
import { settingsOf } from '../settings.js';
import { readModelPathOf, type ReadModelChoice } from './read-model-choice.js';
import { decisionsAsJson, decisionLines, tablesAsJson, tableLines } from './verify-text.js';

export interface VerifyOptions extends ReadModelChoice {
  readonly only?: 'tables' | 'decisions';
  readonly json?: boolean;
}

export function verify(options: VerifyOptions): Promise<void> {
  return withLog(options, (log) => verifyBoth(log, options));
}

async function verifyBoth(log: EventLog, options: VerifyOptions): Promise<void> {
  const tablesDiffer = options.only !== 'decisions' && (await compareTables(log, options));
  const decisionsDiffer = options.only !== 'tables' && (await compareDecisions(log, options));
  if (tablesDiffer || decisionsDiffer) process.exitCode = 1;
}

async function compareTables(log: EventLog, options: VerifyOptions): Promise<boolean> {
  const path = readModelPathOf(options);
  if (!(await exists(path))) return noTables(path, options);
  const progress = new ProgressLine('rebuilding into a scratch file');
  const onProgress = progress.tell.bind(progress);
  const place = await logPlaceOf(options);
  const report: TableReport = await verifyTables(log, { path, place, models: READ_MODELS, onProgress });
  progress.end();
  if (options.json) tablesAsJson(report).forEach(printJson);
  else tableLines(report).forEach(print);
  return report.divergences.length > 0;
}

/** A copied log comes without tables; the decisions can be checked all the same. */
function noTables(path: string, { only, readModels }: VerifyOptions): false {
  const sentence = `There are no read models at ${path}`;
  if (only === 'tables' || readModels !== undefined) throw new CommandFailed(3, sentence);
  process.stderr.write(`${sentence}: only decisions are verified\n`);
  return false;
}

async function compareDecisions(log: EventLog, { json }: VerifyOptions): Promise<boolean> {
  const progress = new ProgressLine('deciding again');
  const head = await log.head();
  const report = await verifyDecisions(log, {
    policy: (await settingsOf()).policy,
    onProgress: (position) => progress.tell({ from: 0, position, head }),
  });
  progress.end();
  if (json) decisionsAsJson(report).forEach(printJson);
  else decisionLines(report, figure).forEach(print);
  return report.findingsTotal > 0;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

import type { DecisionFinding, DecisionReport, Finding } from '../../forensics/decisions/verify-decisions.js';
import type { Divergence } from '../../forensics/rows/divergence.js';
import type { TableReport } from '../../forensics/rows/verify-tables.js';
import { dim, figure } from '../terminal/text.js';
import { cell, eventHead } from './output.js';
import { colours } from '../terminal/colours.js';

export function tableLines({ position, tables, divergences }: TableReport): readonly string[] {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const differing = tables.reduce((sum, table) => sum + table.differing, 0);
  const compared = `${tables.length} tables, ${figure(rows)} rows, compared with a rebuild at position ${position}`;
  const shown = new Set(divergences.map(({ difference }) => difference)).size;
  const hidden = shown < differing ? [dim(`  ${figure(differing - shown)} more rows differ`)] : [];
  return [`tables     ${compared}: ${verdict(differing, 'row')}`, ...divergences.flatMap(divergenceLines), ...hidden];
}

function divergenceLines({ difference, column, event, agreedBefore }: Divergence): readonly string[] {
  const { table, key, kind, columns } = difference;
  const values = columns.find((one) => one.column === column);
  const head = `  ${colours.red(kind)}  ${table} ${key}${column === null ? '' : `  ${column}`}`;
  const compared = values
    ? [`      live     ${cell(values.live)}`, `      rebuilt  ${cell(values.rebuilt)}`]
    : [`      ${kind === 'missing' ? 'the log has made it, the live table lacks it' : 'only the live table has it'}`];
  const where = agreedBefore ? 'they part at' : 'set by';
  return [head, ...compared, event ? `      ${where} ${eventHead(event).trim()}` : '      no event ever made it'];
}

export function tablesAsJson({ position, tables, divergences }: TableReport): readonly object[] {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const differing = tables.reduce((sum, table) => sum + table.differing, 0);
  const summary = { kind: 'tables', position: String(position), tables: tables.length, rows, differing };
  return [summary, ...divergences.map(divergenceAsJson)];
}

function divergenceAsJson({ difference, column, event, agreedBefore }: Divergence): object {
  const { table, key, kind: how, columns } = difference;
  const values = columns.find((one) => one.column === column);
  const diverges = event && { position: String(event.position), id: event.id, type: event.type, agreedBefore };
  const compared = { live: values?.live ?? null, rebuilt: values?.rebuilt ?? null };
  return { kind: 'row', table, key, how, column, ...compared, diverges };
}

const SENTENCES: Readonly<Record<Finding, string>> = {
  decision: 'the same command comes to something else',
  'saga-command': 'the saga gives another command for the same event',
  'saga-unknown': 'no saga gives this command',
  'saga-fault': 'the saga cannot take the event',
  'saga-lost': 'the reaction has no outcome in the log, although later ones have',
};

export function decisionLines(report: DecisionReport, show: (count: number) => string): readonly string[] {
  const { decisions, reactions, passedOver, findings, findingsTotal, open } = report;
  const counted = `${show(decisions)} decided again, ${show(reactions)} saga commands computed again`;
  const hidden = findingsTotal - findings.length;
  return [
    `decisions  ${counted}: ${verdict(findingsTotal, 'decision')}`,
    ...findings.flatMap(findingLines),
    ...note(hidden, `${show(hidden)} more differ`),
    ...note(passedOver, `${show(passedOver)} passed over: their command was not recorded`),
    ...note(open.length, `${show(open.length)} reactions to the newest events have no outcome yet`),
    ...note(report.settingsRecorded ? 0 : 1, 'the log has recorded no settings: those of the configuration were taken'),
  ];
}

function note(count: number, sentence: string): readonly string[] {
  return count > 0 ? [dim(`  ${sentence}`)] : [];
}

function findingLines({ kind, position, stream, workItem, at, command, saga, difference }: DecisionFinding): string[] {
  const who = saga === null ? '' : ` of ${saga}`;
  const head = `  ${colours.red(String(position))}  ${dim(at)}  ${workItem}  ${command}${who} for ${stream}: ${SENTENCES[kind]}`;
  if (!difference) return [head];
  const { path, recorded, computed } = difference;
  const place = path === '' ? '' : `  ${dim(path)}`;
  return [head, `      recorded  ${cell(recorded)}${place}`, `      now       ${cell(computed)}${place}`];
}

export function decisionsAsJson(report: DecisionReport): readonly object[] {
  const { decisions, reactions, passedOver, findings, findingsTotal, open, settingsRecorded } = report;
  const summary = { kind: 'decisions', decisions, reactions, passedOver, differing: findingsTotal, settingsRecorded };
  const waiting = open.map(({ saga, command, because }) => ({
    ...{ kind: 'reaction-open', saga, command: command.type, stream: command.stream },
    position: String(because.position),
  }));
  return [summary, ...findings.map((finding) => ({ ...finding, position: String(finding.position) })), ...waiting];
}

function verdict(differing: number, what: string): string {
  if (differing === 0) return colours.green('all the same');
  return colours.red(`${figure(differing)} ${what}${differing === 1 ? ' differs' : 's differ'}`);
}

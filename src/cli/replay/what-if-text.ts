import type { Otherwise, SettingCompared, WhatIfReport } from '../../forensics/what-if/report.js';
import type { Unread } from '../../forensics/what-if/settings/overrides.js';
import { fromIso } from '../../kernel/time.js';
import { dim, duration, figure, oneLine, short } from '../terminal/text.js';
import { colours } from '../terminal/colours.js';

export function reportLines(report: WhatIfReport, unread: readonly Unread[]): readonly string[] {
  const { differences, unknown, notReproducible } = report;
  return [
    ...report.settings.map(settingLine),
    ...unread.map(
      ({ variable, why }) =>
        `${colours.bold(variable)}  no decision looks at it, so nothing would have been decided otherwise: ${why}`,
    ),
    dim(`${figure(report.decisions)} decisions from position ${report.from} to ${report.to}: ${countOf(differences)}`),
    ...differences.flatMap((one, index) => otherwiseLines(one, differences[index - 1] ?? null)),
    ...section('What cannot be computed', differences.length > 0 ? [...unknown, ALWAYS] : unknown),
    ...beyondLines(report.settings),
    ...(notReproducible > 0
      ? ['', dim(`${notReproducible} decisions come to something else already: replay verify`)]
      : []),
  ];
}

const ALWAYS =
  'What agents, hooks, people and the outside would have done otherwise: what they did is taken as it was recorded, at the time at which it was recorded.';

function settingLine({ variable, value, recorded, reads }: SettingCompared): string {
  const looked = reads === 0 ? 'no decision here looks at it' : `${figure(reads)} looks at it`;
  return `${colours.bold(`${variable}=${shown(value)}`)}  ${dim(`recorded: ${shown(recorded)}; ${looked}`)}`;
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return value.join(',') || 'empty';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function countOf(differences: readonly Otherwise[]): string {
  if (differences.length === 0) return 'every one of them would have been the same';
  const own = differences.filter(({ follows }) => follows === null).length;
  return `${figure(differences.length)} would have gone otherwise, ${figure(own)} of them by the settings themselves`;
}

function otherwiseLines(one: Otherwise, previous: Otherwise | null): readonly string[] {
  const { number, position, at, workItem, command, recorded, counterfactual, why } = one;
  const since = previous ? `+${duration(Math.max(0, fromIso(at) - fromIso(previous.at)))}` : '';
  const place = position === null ? 'not in the log' : `position ${position}`;
  const head = `${colours.bold(`${String(number).padStart(3)}.`)} ${at}  ${dim(since.padEnd(11))} ${workItem}  ${command}  ${dim(place)}`;
  return [
    '',
    head,
    ...labelled('recorded', recorded, dim),
    ...labelled('instead', counterfactual, colours.yellow),
    ...labelled('because', [because(one, why)], dim),
  ];
}

function because({ follows }: Otherwise, why: string): string {
  return follows === null || why.includes(`follows from ${follows}`) ? why : `${why}; it follows from ${follows}`;
}

function labelled(label: string, sentences: readonly string[], paint: (text: string) => string): readonly string[] {
  return sentences.map((text, index) => `     ${(index === 0 ? label : '').padEnd(9)} ${paint(oneLine(short(text)))}`);
}

function section(title: string, sentences: readonly string[]): readonly string[] {
  return sentences.length === 0 ? [] : ['', title, ...sentences.map((sentence) => `  · ${sentence}`)];
}

function beyondLines(settings: readonly SettingCompared[]): readonly string[] {
  const beyond = settings.filter((setting) => setting.beyond !== null);
  return section(
    'What these settings shape beside decisions',
    beyond.map(({ variable, beyond: what }) => `${variable}: ${what}`),
  );
}

export function reportAsJson(report: WhatIfReport, unread: readonly Unread[]): readonly object[] {
  const { settings, differences, unknown, decisions, from, to, notReproducible } = report;
  const range = { from: String(from), to: String(to) };
  const counts = { decisions, differing: differences.length, notReproducible };
  return [
    { kind: 'what-if', ...range, ...counts, settings, unread },
    ...differences.map((one) => ({ ...one, position: one.position === null ? null : String(one.position) })),
    ...unknown.map((sentence) => ({ kind: 'unknown', sentence })),
  ];
}

import type { Assignment } from './brief.js';

/** What a run is told to do instead of its work: `[[<role>: <action> [once|twice|<n> times|always]]]` in the item's text. */
export interface Directive {
  readonly action: string;
  readonly argument: string | null;
  readonly times: number;
}

const NAMES: Readonly<Record<string, readonly string[]>> = {
  analyst: ['analyst', 'analysis'],
  architect: ['architect', 'architecture'],
  developer: ['developer', 'development'],
  reviewer: ['reviewer', 'review'],
  tester: ['tester', 'testing'],
  deployer: ['deployer', 'deploy'],
};

export function directivesFor(assignment: Assignment): readonly Directive[] {
  const names = NAMES[assignment.role] ?? [assignment.role];
  const found = [...assignment.brief.matchAll(/\[\[\s*([\w-]+)\s*:\s*([^\]]+?)\s*\]\]/g)];
  return found
    .filter(([, name = '']) => names.includes(name.toLowerCase()))
    .map(([, , text = '']) => directiveOf(text));
}

/** Counted by what the repository and the job show, never by hidden state: `done` is how often it already struck. */
export function strikes(directives: readonly Directive[], action: string, done: number): boolean {
  return directives.some((directive) => directive.action === action && done < directive.times);
}

/** `[[sleep: 2s]]` is for every role, `[[developer: sleep 500ms]]` for one; otherwise `--delay-ms`, otherwise a moment to watch. */
export function delayMsOf(assignment: Assignment, argv: readonly string[]): number {
  const own = directivesFor(assignment).find(({ action }) => action === 'sleep')?.argument;
  const common = /\[\[\s*sleep\s*:\s*([^\]]+?)\s*\]\]/i.exec(assignment.brief)?.[1];
  return milliseconds(own ?? common ?? `${usualDelay(argv)}ms`);
}

function usualDelay(argv: readonly string[]): string {
  const position = argv.indexOf('--delay-ms');
  const given = position < 0 ? process.env['SANDBOX_AGENT_DELAY_MS'] : argv[position + 1];
  return given ?? '250';
}

function directiveOf(text: string): Directive {
  const [, body = text, count = ''] = /^(.*?)\s*(once|twice|always|\d+ times)?$/i.exec(text) ?? [];
  const [action = '', ...rest] = body.split(/\s+/);
  return { action: action.toLowerCase(), argument: rest.length > 0 ? rest.join(' ') : null, times: timesOf(count) };
}

function timesOf(count: string): number {
  const word = count.toLowerCase();
  if (word === 'once') return 1;
  if (word === 'twice') return 2;
  return Number.parseInt(word, 10) || Number.POSITIVE_INFINITY;
}

function milliseconds(text: string): number {
  const [, value = '0', unit = 'ms'] = /^([\d.]+)\s*(ms|s|m)?$/.exec(text.trim()) ?? [];
  const factor = { ms: 1, s: 1_000, m: 60_000 }[unit] ?? 1;
  return Math.max(0, Number(value) * factor);
}

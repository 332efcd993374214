import type { Locale } from './locale.js';
import { REASONS_EN, type ReasonKey } from './reasons-en.js';
import { REASONS_RU } from './reasons-ru.js';

export const REASONS: Readonly<Record<Locale, Readonly<Record<ReasonKey, string>>>> = {
  en: REASONS_EN,
  ru: REASONS_RU,
};

interface Known {
  readonly key: ReasonKey;
  readonly form: RegExp;
}

/** Words that hold a reason of their own. */
const NESTED: readonly string[] = ['reason', 'what'];
/** What stands there is no free text. */
const NARROW: Readonly<Record<string, string>> = {
  ...{ gate: 'check_[a-z_]+', repo: '\\S+', by: '\\S+', stage: '[a-z-]+', file: '\\S+', pid: '\\w+', deploy: '\\d+' },
  ...{ workItem: '\\S+', head: '\\S+', count: '\\d+', all: '\\d+', seconds: '\\d+', limit: '\\d+', branch: '\\S+' },
  ...{ main: '[^:]+?' },
};

/** The longest wording first: a shorter one may be part of it. */
const KNOWN: readonly Known[] = (Object.entries(REASONS_EN) as [ReasonKey, string][])
  .sort(([, one], [, other]) => wordsIn(other) - wordsIn(one))
  .map(([key, template]) => ({ key, form: formOf(template) }));

/**
 * A reason as it is in the log, which is written in English, in the language of the reader. What is in no catalogue (words of a person, of a
 * forge, the output of a test) stays as it was said.
 */
export function reasonIn(locale: Locale, text: string): string {
  if (locale === 'en') return text;
  const parts = text.split('; ').map((part) => ({ part, words: translated(locale, part) }));
  const inParts = parts.map(({ part, words }) => words ?? part).join('; ');
  if (parts.every(({ words }) => words !== null)) return inParts;
  // A list of which some are known; where none is, the text is its own.
  return translated(locale, text) ?? inParts;
}

function translated(locale: Locale, text: string): string | null {
  for (const { key, form } of KNOWN) {
    const found = form.exec(text);
    if (found) return filled(REASONS[locale][key], found.groups ?? {}, locale);
  }
  return null;
}

function filled(template: string, params: Readonly<Record<string, string>>, locale: Locale): string {
  return template.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = params[name] ?? '';
    return NESTED.includes(name) ? reasonIn(locale, value) : value;
  });
}

function formOf(template: string): RegExp {
  const literal = template.replaceAll(/[\\^$.*+?()[\]|/]/g, '\\$&');
  const open = literal.replaceAll(/\{(\w+)\}/g, (_, name: string) => `(?<${name}>${NARROW[name] ?? '[\\s\\S]+?'})`);
  return new RegExp(`^${open}$`);
}

function wordsIn(template: string): number {
  return template.replaceAll(/\{\w+\}/g, '').length;
}

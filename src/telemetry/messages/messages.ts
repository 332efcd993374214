import type { Messages } from '../../integrations/notifier.js';
import { EN, type MessageKey } from './en.js';
import type { Locale } from './locale.js';
import { reasonIn } from './reasons.js';
import { RU } from './ru.js';

export type { Locale };

export const CATALOGUES: Readonly<Record<Locale, Readonly<Record<MessageKey, string>>>> = { en: EN, ru: RU };

/** The catalogue and whoever asks it have parted; no wording can be made up for that. */
export class MessageUnavailable extends Error {
  constructor(sentence: string) {
    super(sentence);
    this.name = 'MessageUnavailable';
  }
}

export function messagesIn(locale: Locale): Messages {
  const catalogue: Readonly<Record<string, string>> = CATALOGUES[locale];
  return {
    text: (message, params) => {
      const template = Object.hasOwn(catalogue, message) ? catalogue[message] : undefined;
      if (template === undefined)
        throw new MessageUnavailable(
          `The message catalogue (${locale}) has no "${message}", only ${Object.keys(catalogue).join(', ')}`,
        );
      return template.replaceAll(PLACEHOLDER, (_, name: string) => worded(locale, name, given(message, params, name)));
    },
  };
}

/** Why something is so stands in the log in English, alone or in the list of what the gates said. */
function worded(locale: Locale, name: string, value: string): string {
  if (name === 'reason') return reasonIn(locale, value);
  if (name !== 'verdicts') return value;
  return value.replaceAll(SHOWN, (_, gate: string, reason: string, place: string) =>
    [gate, reasonIn(locale, reason), place].join(''),
  );
}

/** `check_ci_green passed: CI green (task-7@12)` */
const SHOWN = /(check_\w+ \w+: )([\s\S]*?)( \(task-\d+@\d+\))/g;
const PLACEHOLDER = /\{(\w+)\}/g;

export function paramsOf(template: string): readonly string[] {
  return [...new Set([...template.matchAll(PLACEHOLDER)].map(([, name = '']) => name))].sort();
}

function given(message: string, params: Readonly<Record<string, string>>, name: string): string {
  const value = Object.hasOwn(params, name) ? params[name] : undefined;
  if (value !== undefined) return value;
  throw new MessageUnavailable(
    `The message "${message}" needs the parameter ${name}, it was given ${Object.keys(params).join(', ') || 'none'}`,
  );
}

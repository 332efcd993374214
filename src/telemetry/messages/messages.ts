import type { Messages } from '../../integrations/notifier.js';
import { EN, type MessageKey } from './en.js';
import { RU } from './ru.js';

export type Locale = 'en' | 'ru';

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
      return template.replaceAll(PLACEHOLDER, (_, name: string) => given(message, params, name));
    },
  };
}

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

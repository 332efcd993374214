import type { TaskUnblocked } from '../domain/task/events.js';
import type { Locale } from './messages/messages.js';

/** Operators search for this line, so under `ru` it is word for word what it has always been (RC-17, AC-12 ORCH-053). */
const WORDS: Readonly<Record<Locale, string>> = {
  en: 'unblocked (webhook lost)',
  ru: 'разблокирована (потерян webhook)',
};

export function unblockSentence({ workItem, stage }: TaskUnblocked['data'], locale: Locale): string {
  return `reconciler: ${workItem} ${stage} ${WORDS[locale]}`;
}

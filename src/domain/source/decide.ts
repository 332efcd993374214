import type { Decider } from '../../kernel/decider.js';
import * as commands from './commands.js';
import type { SourceEvent } from './events.js';
import { evolveSource, SPEAKING, type SourceState } from './state.js';

/** One may be a webhook that the poll has overtaken; so many in a row, with none in between, are not. */
const MISSED_MAX = 3;

/** A stream is a source of webhooks: `source-plane`, `source-gitea`. */
export const sourceDecider: Decider<commands.SourceCommand, SourceEvent, SourceState> = {
  category: 'source',
  commands: Object.values(commands),
  events: { ChangeNoticed: 1, WebhooksMissed: 1, WebhooksHeard: 1 },
  initial: SPEAKING,
  evolve: evolveSource,
  decide: decideSource,
};

function decideSource(command: commands.SourceCommand, state: SourceState): readonly SourceEvent[] {
  switch (command.type) {
    case 'ReportChange':
      return noticed(command, state);
    case 'ReportWebhook':
      return heard(command.payload, state);
  }
}

/** People are told of a silence once, until it ends. */
function noticed({ payload, context }: commands.ReportChange, state: SourceState): readonly SourceEvent[] {
  if (payload.change <= state.countedUntil) return [];
  const change: SourceEvent = { type: 'ChangeNoticed', data: payload };
  const missed = state.missed + 1;
  if (payload.via === 'webhook' || state.isSilent || missed < MISSED_MAX) return [change];
  const since = state.missedSince ?? context.at;
  return [change, { type: 'WebhooksMissed', data: { source: payload.source, missed, since } }];
}

function heard({ source, delivery }: commands.ReportWebhook['payload'], state: SourceState): readonly SourceEvent[] {
  const { missed, missedSince, isSilent, countedUntil } = state;
  if (missed === 0 || delivery < countedUntil) return [];
  return [{ type: 'WebhooksHeard', data: { source, missed, silentSince: isSilent ? missedSince : null } }];
}

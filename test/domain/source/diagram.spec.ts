import { expect, test } from '@jest/globals';
import { ReportChange, ReportWebhook, type SourceCommand } from '../../../src/domain/source/commands.js';
import { sourceDecider } from '../../../src/domain/source/decide.js';
import type { SourceEvent } from '../../../src/domain/source/events.js';
import type { SourceState } from '../../../src/domain/source/state.js';
import { arrowsOf, drawn, type Arrow } from '../../support/arrows.js';
import { given, wish } from '../../support/given.js';

function sourceArrows(): readonly Arrow[] {
  const source = 'plane' as const;
  const changes = ({ countedUntil }: SourceState) =>
    (['webhook', 'poll'] as const).map((via) =>
      wish(ReportChange, { source, change: countedUntil + 1, subject: 'ET-001', via, delayMs: null }),
    );
  const name = ({ countedUntil, missed, isSilent }: SourceState) => {
    if (countedUntil === 0) return '[*]';
    if (isSilent) return 'silent';
    return missed > 0 ? 'missing' : 'speaking';
  };
  return arrowsOf<SourceCommand, SourceEvent, SourceState>({
    begin: given(sourceDecider),
    commands: ({ state }) => [...changes(state), wish(ReportWebhook, { source, delivery: state.countedUntil + 1 })],
    name,
    key: (state) => [name(state), Math.min(state.missed, 5)],
  });
}

test('docs/state-machines.md draws exactly the moves of a source of webhooks', () => {
  expect(drawn('Source')).toEqual(sourceArrows());
});

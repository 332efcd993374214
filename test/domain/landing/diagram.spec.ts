import { expect, test } from '@jest/globals';
import * as landingCommands from '../../../src/domain/landing/commands.js';
import { landingDecider, type LandingState } from '../../../src/domain/landing/decide.js';
import type { LandingEvent } from '../../../src/domain/landing/events.js';
import { arrowsOf, drawn, type Arrow } from '../../support/arrows.js';
import { given, wish } from '../../support/given.js';

function landingArrows(): readonly Arrow[] {
  const item = { workItem: 'ET-001', repo: 'enduro-trails' };
  const commands = [
    wish(landingCommands.ReportPullRequestLeftOpen, { ...item, pullRequest: 7, commit: 'mmm999' }),
    wish(landingCommands.ReportPullRequestClosed, { ...item, pullRequest: 7, how: 'closed' }),
    wish(landingCommands.RequestArtifactsMerge, { ...item, after: 'deploy' }),
    wish(landingCommands.ReportArtifactsMerged, { ...item, head: 'aaa111', commit: 'mmm999' }),
    wish(landingCommands.ReportArtifactsMergeRefused, { ...item, reason: 'conflict' }),
  ];
  const isSettled = ({ leftOpen, artifacts }: LandingState) => leftOpen.length + artifacts === 0;
  return arrowsOf<landingCommands.LandingCommand, LandingEvent, LandingState>({
    begin: given(landingDecider),
    // Two open requests are as many as one, for the name.
    commands: ({ state }) => (state.artifacts > 1 ? commands.slice(3) : commands),
    name: (state) => (isSettled(state) ? '[*]' : 'to be cleared up'),
    key: ({ leftOpen, artifacts }) => [leftOpen.length, artifacts],
  });
}

test('docs/state-machines.md draws exactly the moves of what is left after a merge', () => {
  expect(drawn('Landing')).toEqual(landingArrows());
});

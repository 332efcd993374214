import type { Decider } from '../../kernel/decider.js';
import type { Recorded } from '../../kernel/event.js';
import * as commands from './commands.js';
import type { LandingEvent } from './events.js';

export interface LandingState {
  /** Pull requests that are to be closed. */
  readonly leftOpen: readonly number[];
  /** Requests that nobody has answered yet; one merge may answer several, each with an outcome of its own. */
  readonly artifacts: number;
}

/** What is left to do at the forge when the change of a task has landed; the task waits for none of it. */
export const landingDecider: Decider<commands.LandingCommand, LandingEvent, LandingState> = {
  category: 'landing',
  commands: Object.values(commands),
  events: {
    PullRequestLeftOpen: 1,
    PullRequestClosed: 1,
    ArtifactsMergeRequested: 1,
    ArtifactsMerged: 1,
    ArtifactsMergeRefused: 1,
  },
  initial: { leftOpen: [], artifacts: 0 },
  evolve: evolveLanding,
  decide: decideLanding,
};

function evolveLanding(state: LandingState, { type, data }: Recorded<LandingEvent>): LandingState {
  switch (type) {
    case 'PullRequestLeftOpen':
      return { ...state, leftOpen: [...state.leftOpen, data.pullRequest] };
    case 'PullRequestClosed':
      return { ...state, leftOpen: state.leftOpen.filter((number) => number !== data.pullRequest) };
    case 'ArtifactsMergeRequested':
      return { ...state, artifacts: state.artifacts + 1 };
    case 'ArtifactsMerged':
    case 'ArtifactsMergeRefused':
      return { ...state, artifacts: state.artifacts - 1 };
  }
}

/** Each is said once; an answer that nobody waits for changes nothing. */
function decideLanding(command: commands.LandingCommand, state: LandingState): readonly LandingEvent[] {
  switch (command.type) {
    case 'ReportPullRequestLeftOpen': {
      const isKnown = state.leftOpen.includes(command.payload.pullRequest);
      return isKnown ? [] : [{ type: 'PullRequestLeftOpen', data: command.payload }];
    }
    case 'ReportPullRequestClosed': {
      const isAwaited = state.leftOpen.includes(command.payload.pullRequest);
      return isAwaited ? [{ type: 'PullRequestClosed', data: command.payload }] : [];
    }
    case 'RequestArtifactsMerge':
      return [{ type: 'ArtifactsMergeRequested', data: command.payload }];
    case 'ReportArtifactsMerged':
      return state.artifacts > 0 ? [{ type: 'ArtifactsMerged', data: command.payload }] : [];
    case 'ReportArtifactsMergeRefused':
      return state.artifacts > 0 ? [{ type: 'ArtifactsMergeRefused', data: command.payload }] : [];
  }
}

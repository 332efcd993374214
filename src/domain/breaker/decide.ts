import type { Decider } from '../../kernel/decider.js';
import type { Policy } from '../../kernel/pipeline/policy.js';
import { fromIso, toIso } from '../../kernel/time.js';
import * as commands from './commands.js';
import type { BreakerEvent } from './events.js';
import { CLOSED, evolveBreaker, type BreakerState } from './state.js';

/** UNK-11: so many transient failures in a row, of whichever jobs. */
const FAILURES_MAX = 3;

/** A reset that lies further away is a misread one; longer than the longest limit nobody is parked. */
const PARKED_MS_MAX = 7 * 24 * 3_600_000;

export const breakerDecider: Decider<commands.BreakerCommand, BreakerEvent, BreakerState> = {
  category: 'breaker',
  commands: Object.values(commands),
  events: { AgentFailureCounted: 1, BreakerOpened: 1, AgentsParked: 1, BreakerClosed: 1 },
  initial: CLOSED,
  evolve: evolveBreaker,
  decide: decideBreaker,
};

function decideBreaker(
  command: commands.BreakerCommand,
  state: BreakerState,
  { jobs }: Policy,
): readonly BreakerEvent[] {
  const { consecutive, openUntil } = state;
  if (command.type === 'ReportAgentAnswered') {
    if (consecutive === 0 && openUntil === null) return [];
    return [{ type: 'BreakerClosed', data: { ...command.payload, consecutive } }];
  }
  const { resetsAt, ...failure } = command.payload;
  const { at } = command.context;
  if (resetsAt !== null && fromIso(resetsAt) > fromIso(at)) return parked(failure, resetsAt, at, state);
  return counted(failure, state, later(at, jobs.breakerProbeS * 1000));
}

type Failure = Omit<commands.ReportAgentFailed['payload'], 'resetsAt'>;

/** A usage limit is no failure of the agents and counts as none. */
function parked(
  failure: Failure,
  resetsAt: string,
  at: string,
  { parkedUntil }: BreakerState,
): readonly BreakerEvent[] {
  const latest = later(at, PARKED_MS_MAX);
  const until = fromIso(resetsAt) < fromIso(latest) ? toIso(fromIso(resetsAt)) : latest;
  if (parkedUntil !== null && parkedUntil >= until) return [];
  return [{ type: 'AgentsParked', data: { ...failure, until } }];
}

function counted(failure: Failure, state: BreakerState, until: string): readonly BreakerEvent[] {
  const consecutive = state.consecutive + 1;
  const events: BreakerEvent[] = [{ type: 'AgentFailureCounted', data: { ...failure, consecutive } }];
  if (consecutive < FAILURES_MAX) return events;
  return [...events, { type: 'BreakerOpened', data: { ...failure, consecutive, until } }];
}

function later(at: string, ms: number): string {
  return toIso(fromIso(at) + ms);
}

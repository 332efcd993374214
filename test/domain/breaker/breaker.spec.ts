import { describe, expect, test } from '@jest/globals';
import { ReportAgentAnswered, ReportAgentFailed } from '../../../src/domain/breaker/commands.js';
import { breakerDecider } from '../../../src/domain/breaker/decide.js';
import { at, given, wish } from '../../support/given.js';

const RUN = { jobId: 7, runId: 'run-7' };

function failed(seconds: number, resetsAt: string | null = null) {
  return wish(ReportAgentFailed, { ...RUN, reason: 'overloaded', resetsAt }, seconds);
}

function answered(seconds: number) {
  return wish(ReportAgentAnswered, RUN, seconds);
}

describe('transient failures', () => {
  test('open the breaker when they are three in a row, and it is tried again after the probe time', () => {
    const two = given(breakerDecider).afterAll(failed(1), failed(2));
    expect(two.events.map(({ type }) => type)).toEqual(['AgentFailureCounted', 'AgentFailureCounted']);
    const { events } = two.when(failed(3));
    expect(events).toEqual([
      { type: 'AgentFailureCounted', data: { ...RUN, reason: 'overloaded', consecutive: 3 } },
      { type: 'BreakerOpened', data: { ...RUN, reason: 'overloaded', consecutive: 3, until: at(63) } },
    ]);
  });

  test('with an answer between them are not in a row', () => {
    const history = given(breakerDecider).afterAll(failed(1), failed(2), answered(3), failed(4));
    history.when(failed(5)).thenTypes('AgentFailureCounted');
  });

  test('of a probe keep it open for another probe time', () => {
    const open = given(breakerDecider).afterAll(failed(1), failed(2), failed(3));
    const { events } = open.when(failed(70));
    expect(events).toMatchObject([{ data: { consecutive: 4 } }, { type: 'BreakerOpened', data: { until: at(130) } }]);
  });
});

describe('an agent that answers', () => {
  test('closes the breaker, once', () => {
    const open = given(breakerDecider).afterAll(failed(1), failed(2), failed(3));
    open.when(answered(70)).thenTypes('BreakerClosed').thenNothingMore();
  });

  test('is no news while nothing has failed', () => {
    given(breakerDecider).when(answered(1)).thenNothing();
  });
});

describe('a usage limit', () => {
  test('parks all agents until its reset and counts as no failure', () => {
    const outcome = given(breakerDecider).when(failed(1, at(3600)));
    expect(outcome.events).toEqual([{ type: 'AgentsParked', data: { ...RUN, reason: 'overloaded', until: at(3600) } }]);
    outcome.history.afterAll(failed(2)).when(failed(3)).thenTypes('AgentFailureCounted');
  });

  test('told by a second agent parks nobody anew, unless it lasts longer', () => {
    const parked = given(breakerDecider).after(failed(1, at(3600)));
    parked.when(failed(2, at(3600))).thenNothing();
    parked.when(failed(2, at(7200))).thenTypes('AgentsParked');
  });

  test('whose reset is past counts as any other failure', () => {
    given(breakerDecider)
      .when(failed(10, at(5)))
      .thenTypes('AgentFailureCounted');
  });

  test('never parks for longer than a week, whatever was read as its reset', () => {
    const { events } = given(breakerDecider).when(failed(0, '9999-01-01T00:00:00.000Z'));
    expect(events).toMatchObject([{ data: { until: at(7 * 24 * 3600) } }]);
  });
});

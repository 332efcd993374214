import { AnswerGateCheck } from '../../../src/domain/task/commands.js';
import type { GateCheckRequested } from '../../../src/domain/task/events.js';
import type { Effect } from '../../../src/effects/effect.js';

/** Every gate that is asked for passes. */
export const GREEN_GATES: Effect<GateCheckRequested> = {
  intent: 'GateCheckRequested',
  effectClass: 'probeable',
  lane: ({ stream }) => stream,
  act: ({ stream, data }, outcome) => {
    const { visit, round, gates, commit } = data;
    const readings = gates.map((gate) => ({ gate, answer: 'passed' as const, reason: 'all there', evidence: {} }));
    return outcome.report(AnswerGateCheck, stream, { visit, round, head: commit.head, readings });
  },
};

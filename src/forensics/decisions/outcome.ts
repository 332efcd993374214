import type { Command } from '../../kernel/command.js';
import type { AnyDecider } from '../../kernel/decider.js';
import type { DomainEvent } from '../../kernel/event.js';
import type { Policy } from '../../kernel/pipeline/policy.js';
import { isRefused, type Refused } from '../../kernel/refused.js';

/** What a decision comes to; a fault of the code counts as an outcome too, so that it can be shown and passed over. */
export type Outcome =
  | { readonly kind: 'events'; readonly events: readonly DomainEvent[] }
  | { readonly kind: 'refused'; readonly code: string; readonly sentence: string }
  | { readonly kind: 'fault'; readonly message: string };

export function decideAgain(decider: AnyDecider, command: Command, state: unknown, policy: Policy): Outcome {
  try {
    const decision = decider.decide(command, state, policy) as readonly DomainEvent[] | Refused;
    if (isRefused(decision)) return { kind: 'refused', code: decision.code, sentence: decision.sentence };
    return { kind: 'events', events: decision };
  } catch (error) {
    return { kind: 'fault', message: error instanceof Error ? error.message : String(error) };
  }
}

export function changesNothing(outcome: Outcome): boolean {
  return outcome.kind !== 'events' || outcome.events.length === 0;
}

/** `JobHeld`, `refused: the job is done`, `nothing`. */
export function namesOf(outcome: Outcome): readonly string[] {
  switch (outcome.kind) {
    case 'events':
      return outcome.events.length === 0 ? ['nothing'] : outcome.events.map(({ type }) => type);
    case 'refused':
      return [`refused: ${outcome.sentence}`];
    case 'fault':
      return [`fault: ${outcome.message}`];
  }
}

/** One place at which two values differ. */
export interface Difference {
  /** `1.reasons.0.ref`; empty when the values differ as a whole. */
  readonly path: string;
  readonly recorded: unknown;
  readonly computed: unknown;
}

/**
 * Where what is decided now first differs from what was recorded. A field that the record lacks was added by a later version and
 * is no difference; one that the record has and the decision lacks is.
 */
export function eventsDifference(recorded: readonly DomainEvent[], outcome: Outcome): Difference | null {
  if (outcome.kind !== 'events') {
    return { path: '', recorded: recorded.map(({ type }) => type), computed: namesOf(outcome)[0] };
  }
  const { events } = outcome;
  if (recorded.length !== events.length || recorded.some(({ type }, index) => type !== events[index]?.type)) {
    return { path: '', recorded: recorded.map(({ type }) => type), computed: namesOf(outcome) };
  }
  for (const [index, { type, data }] of recorded.entries()) {
    const difference = lostOrChanged(data, events[index]?.data, type);
    if (difference) return difference;
  }
  return null;
}

/** As the log would give both back: what is undefined is not there. */
export function firstDifference(recorded: unknown, computed: unknown, path = ''): Difference | null {
  return compare(recorded, computed, { path, addedCounts: true });
}

/** The same, but what only the second has does not count. */
export function lostOrChanged(recorded: unknown, computed: unknown, path = ''): Difference | null {
  return compare(recorded, computed, { path, addedCounts: false });
}

interface Comparing {
  readonly path: string;
  readonly addedCounts: boolean;
}

function compare(recorded: unknown, computed: unknown, comparing: Comparing): Difference | null {
  if (Object.is(recorded, computed)) return null;
  if (!areComparable(recorded, computed)) return { path: comparing.path, recorded, computed };
  return innerDifference(recorded as Fields, computed as Fields, comparing);
}

function innerDifference(recorded: Fields, computed: Fields, { path, addedCounts }: Comparing): Difference | null {
  const isList = Array.isArray(recorded);
  const keys = new Set([...Object.keys(recorded), ...(addedCounts || isList ? Object.keys(computed) : [])]);
  for (const key of keys) {
    const inner = path === '' ? key : `${path}.${key}`;
    const difference = compare(recorded[key], computed[key], { path: inner, addedCounts });
    if (difference) return difference;
  }
  return null;
}

type Fields = Readonly<Record<string, unknown>>;

function areComparable(one: unknown, other: unknown): boolean {
  return isObject(one) && isObject(other) && Array.isArray(one) === Array.isArray(other);
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

import { deriveId } from '../../kernel/ids.js';
import { fromIso, toIso } from '../../kernel/time.js';
import type { Policy } from '../../kernel/pipeline/policy.js';
import type { RunFailure } from './events.js';

const DELAY_S_MAX = 3600;
const JITTER = 0.2;

export type Verdict =
  | {
      readonly kind: 'requeue';
      readonly attempts: number;
      readonly transientAttempts: number;
      readonly availableAt: string | null;
    }
  | { readonly kind: 'fail' };

export interface Attempts {
  readonly attempts: number;
  readonly transientAttempts: number;
  readonly maxAttempts: number;
}

/**
 * AMB-09, UNK-11: a transient failure waits and gives its attempt back; a permanent one is tried again until the attempts are used up.
 * A usage limit waits for its reset and counts as nothing; a reset that is past or no time at all is backed off like any
 * other, or the job would be claimed again at once, for ever.
 */
export function afterFailure(
  failure: RunFailure,
  attempts: Attempts,
  policy: Policy['jobs'],
  moment: { readonly at: string; readonly seed: string },
): Verdict {
  const attemptsBefore = attempts.attempts - 1;
  if (failure.transient && failure.resetsAt !== null && fromIso(failure.resetsAt) > fromIso(moment.at)) {
    return {
      kind: 'requeue',
      attempts: attemptsBefore,
      transientAttempts: attempts.transientAttempts,
      availableAt: failure.resetsAt,
    };
  }
  if (failure.transient) {
    const transientAttempts = attempts.transientAttempts + 1;
    if (transientAttempts > policy.transientMaxAttempts) return { kind: 'fail' };
    const availableAt = later(moment.at, backoffS(transientAttempts, policy.backoffBaseS, moment.seed));
    return { kind: 'requeue', attempts: attemptsBefore, transientAttempts, availableAt };
  }
  if (attempts.attempts >= attempts.maxAttempts) return { kind: 'fail' };
  return {
    kind: 'requeue',
    attempts: attempts.attempts,
    transientAttempts: attempts.transientAttempts,
    availableAt: null,
  };
}

/** As long as a transient failure of an agent would wait; null when it was tried often enough. */
export function publishAgainAt(
  tries: number,
  policy: Policy['jobs'],
  moment: { readonly at: string; readonly seed: string },
): string | null {
  if (tries > policy.transientMaxAttempts) return null;
  return later(moment.at, backoffS(tries, policy.backoffBaseS, moment.seed));
}

/** Exponential, factor 2, ±20 % by the seed, one hour at most. */
export function backoffS(attempt: number, baseS: number, seed: string): number {
  const jitter = 1 - JITTER + 2 * JITTER * fraction(`${seed}:${attempt}`);
  return Math.min(DELAY_S_MAX, baseS * 2 ** (attempt - 1) * jitter);
}

/** A number in [0, 1) that the same seed always gives. */
function fraction(seed: string): number {
  return parseInt(deriveId('jitter', seed).slice(0, 8), 16) / 2 ** 32;
}

function later(at: string, seconds: number): string {
  return toIso(fromIso(at) + Math.round(seconds * 1000));
}

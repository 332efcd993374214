import type { Policy } from '../../kernel/pipeline/policy.js';
import type { Purse } from './events.js';

/** Null: there is no limit. */
export function limitOf(scope: Purse['scope'], { dayUsd, taskUsd }: Policy['budget']): number | null {
  const limit = scope === 'day' ? dayUsd : taskUsd;
  return limit > 0 ? limit : null;
}

/** Whether a limit is reached: decided here for the log, for claims and for every screen. */
export function isReached(scope: Purse['scope'], totalUsd: number | null, budget: Policy['budget']): boolean {
  const limit = limitOf(scope, budget);
  return limit !== null && totalUsd !== null && totalUsd >= limit;
}

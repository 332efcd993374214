import { isReached, limitOf } from '../../domain/budget/limits.js';
import type { Policy } from '../../kernel/pipeline/policy.js';
import { resilienceOf, type Resilience } from '../breaker/resilience.js';
import type { BudgetRow } from '../budget/budgets.js';
import type { Reason } from './reason.js';
import type { WhyFacts } from './why-facts.js';

/** A limit that is reached holds every job of the task, or of the day. */
export function spentBudgets({ budgets }: WhyFacts, { budget }: Policy): readonly Reason[] {
  return budgets
    .filter((row) => isReached(row.scope, row.total_usd, budget))
    .map((row) => ({
      code: 'budget',
      ref: row.id,
      since: row.booked_at,
      position: row.position,
      actor: null,
      clearsWhen: raised(row, limitOf(row.scope, budget)),
    }));
}

function raised({ scope, total_usd }: BudgetRow, limit: number | null): string {
  const spent = `${total_usd} of ${limit} USD are spent`;
  return scope === 'day'
    ? `the next day begins (UTC) or ORCH_BUDGET_DAY_USD is raised; ${spent}`
    : `ORCH_BUDGET_TASK_USD is raised; ${spent}`;
}

/** Nothing while the next job to start would be the probe: then it is this one's turn as much as anybody's. */
export function standstillOf({ breaker, running, nowMs }: WhyFacts): readonly Reason[] {
  const resilience = resilienceOf(breaker, running, nowMs);
  const { state, probing } = resilience;
  if (!breaker || state === 'closed' || (state === 'half-open' && probing === null)) return [];
  const parked = state === 'parked';
  const since = (parked ? breaker.parked_at : breaker.opened_at) ?? '';
  const position = parked ? breaker.parked_position : breaker.opened_position;
  return [
    { code: 'resilience', ref: 'agents', since, position, actor: null, clearsWhen: untilAgentsAnswer(resilience) },
  ];
}

function untilAgentsAnswer({ state, probing, open_until, reason }: Resilience): string {
  if (probing !== null) return `job ${probing}, which probes, ends well (${reason})`;
  return `${open_until} is reached${state === 'parked' ? '' : ' and a probing job ends well'} (${reason})`;
}

import { isInMergeGate, type Policy } from '../../kernel/pipeline/policy.js';
import type { Reason } from './reason.js';
import type { WhyFacts } from './why-facts.js';

/** Merge work is done one task at a time per repository: who holds the lease that this task is waiting for. */
export function leaseAwaited({ task, causes, leases }: WhyFacts, policy: Policy): readonly Reason[] {
  const atTheGate = task.stage === 'deploy-staging' && causes.has('gate-check') && isInMergeGate(policy, task.repo);
  if (!causes.has('merge') && !atTheGate) return [];
  return leases
    .filter((lease) => lease.repo === task.repo && lease.task_id !== task.id)
    .map(({ repo, work_item_id: ref, acquired_at: since, expires_at, position }) => ({
      ...{ code: 'merge-lease', ref, since, position, actor: 'system' },
      clearsWhen: `${ref} gives the merge lease of ${repo} back, or leaves it to run out at ${expires_at}`,
    }));
}

import { ReportAgentAnswered, ReportAgentFailed } from '../domain/breaker/commands.js';
import type { RunEnded } from '../domain/job/events.js';
import type { RecordedEvent } from '../kernel/event.js';
import { send, type Saga, type SagaCommand } from './saga.js';

/** How runs end tells whether whoever is behind the agents answers (UNK-11). */
export const breakerSaga: Saga = {
  name: 'breaker',
  types: ['RunEnded'],
  react: (event) => [reactTo(event as RecordedEvent<RunEnded>)],
};

function reactTo({ data: { jobId, runId, failure } }: RecordedEvent<RunEnded>): SagaCommand {
  if (!failure?.transient) return send(ReportAgentAnswered, 'breaker', { jobId, runId });
  const { reason, resetsAt } = failure;
  return send(ReportAgentFailed, 'breaker', { jobId, runId, reason, resetsAt });
}

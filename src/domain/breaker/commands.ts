import { Command } from '../../kernel/command.js';

/** A run ended with a transient failure. */
export class ReportAgentFailed extends Command<{
  readonly jobId: number;
  readonly runId: string;
  readonly reason: string;
  readonly resetsAt: string | null;
}> {
  readonly type = 'ReportAgentFailed';
}

/** A run ended in any other way: whoever is behind the agents answers. */
export class ReportAgentAnswered extends Command<{ readonly jobId: number; readonly runId: string }> {
  readonly type = 'ReportAgentAnswered';
}

export type BreakerCommand = ReportAgentFailed | ReportAgentAnswered;

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunEnded } from '../../domain/job/events.js';
import type { AgentRunner, ExitRecord } from '../../integrations/agent-runner.js';

type Ending = Omit<RunEnded['data'], 'jobId' | 'fence' | 'runId' | 'since'>;

/** What a process came to, read from its exit record and its output; without a record the outcome is unknown and cost too. */
export async function readEnding(
  runner: AgentRunner,
  outputFile: string,
  exit: ExitRecord | 'lost',
  noticedAt: string,
): Promise<Ending> {
  if (exit === 'lost') return { ...LOST, endedAt: noticedAt };
  const report = await runner.report(outputFile, exit);
  const { costUsd, inputTokens, outputTokens, turns, sessionId } = report;
  const { exitCode, signal, endedAt } = exit;
  const account = { costUsd, inputTokens, outputTokens, turns, sessionId };
  return { exitCode, signal, failure: report.failure, ...account, endedAt };
}

const LOST: Omit<Ending, 'endedAt'> = {
  exitCode: null,
  signal: null,
  // Not transient: it uses up an attempt, so that a run which kills its host is not repeated for ever (AMB-14).
  failure: { class: 'crash', transient: false, reason: 'the process is gone and left no exit record', resetsAt: null },
  costUsd: null,
  inputTokens: null,
  outputTokens: null,
};

/** Which commit the run started from, kept beside its output. */
export function sinceFile(directory: string): string {
  return join(directory, 'since.json');
}

export async function readSince(directory: string): Promise<string | null> {
  try {
    return (JSON.parse(await readFile(sinceFile(directory), 'utf8')) as { since: string }).since;
  } catch {
    return null;
  }
}

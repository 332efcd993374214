import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunEnded } from '../../domain/job/events.js';
import type { AgentRunner, ExitRecord } from '../../integrations/agent-runner.js';

type Ending = Required<Omit<RunEnded['data'], 'jobId' | 'fence' | 'runId' | 'since'>>;

/**
 * What a process came to, read from its exit record and its output. Without a record the outcome is unknown, whatever was
 * printed last; what it cost is known as far as the output says it.
 */
export async function readEnding(
  runner: AgentRunner,
  outputFile: string,
  exit: ExitRecord | 'lost',
  noticedAt: string,
): Promise<Ending> {
  const record = exit === 'lost' ? unrecorded(noticedAt) : exit;
  const report = await runner.report(outputFile, record);
  const { costUsd, inputTokens, outputTokens, turns, sessionId } = report;
  const { exitCode, signal, endedAt } = record;
  const account = { costUsd, inputTokens, outputTokens, turns, sessionId };
  return { exitCode, signal, failure: exit === 'lost' ? ORPHANED : report.failure, ...account, endedAt };
}

function unrecorded(noticedAt: string): ExitRecord {
  return { exitCode: null, signal: null, stoppedBecause: null, startedAt: noticedAt, endedAt: noticedAt };
}

/** UNK-21. Not transient: it uses up an attempt, so that a run which kills its host is not repeated for ever (AMB-14). */
const ORPHANED: RunEnded['data']['failure'] = {
  class: 'orphaned',
  transient: false,
  reason: 'the process is gone and left no exit record',
  resetsAt: null,
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

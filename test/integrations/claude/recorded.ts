import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentReport, ExitRecord } from '../../../src/integrations/agent-runner.js';
import { ClaudeRunner, type ClaudeRunnerOptions } from '../../../src/integrations/claude/claude-runner.js';

/** Lines as Claude Code 2.1.329 prints them, shortened where the content does not matter. */
export const INIT = {
  type: 'system',
  subtype: 'init',
  session_id: '5c1f9d0e-0000-4000-8000-000000000001',
  cwd: '/w',
  model: 'm',
  permissionMode: 'dontAsk',
  tools: ['Bash', 'Read'],
  claude_code_version: '2.1.329',
};

export const TOOL_CALL = {
  type: 'assistant',
  message: {
    id: 'msg_1',
    role: 'assistant',
    content: [{ type: 'tool_use', id: 'toolu_1', name: 'Bash', input: { command: 'ls' } }],
    usage: { input_tokens: 1000, cache_read_input_tokens: 300, output_tokens: 1 },
  },
  session_id: INIT.session_id,
};

export const TOOL_RESULT = {
  type: 'user',
  message: { role: 'user', content: [{ tool_use_id: 'toolu_1', type: 'tool_result', content: '1', is_error: false }] },
};

export const SUCCESS = {
  type: 'result',
  subtype: 'success',
  is_error: false,
  api_error_status: null,
  num_turns: 2,
  result: 'done',
  terminal_reason: 'completed',
  total_cost_usd: 0.00306,
  usage: { input_tokens: 900, output_tokens: 40 },
  modelUsage: {
    big: { inputTokens: 1000, outputTokens: 50, costUSD: 0.003 },
    small: { inputTokens: 20, outputTokens: 5, costUSD: 0.00006 },
  },
  permission_denials: [],
  session_id: INIT.session_id,
};

/** The API gave up: the subtype is `success` all the same. */
export function apiFailed(status: number | null, text: string, other: object = {}): object {
  return { ...SUCCESS, is_error: true, api_error_status: status, result: text, terminal_reason: 'api_error', ...other };
}

export function assistantError(error: string): object {
  return { type: 'assistant', message: { id: 'msg_2', content: [{ type: 'text', text: 'API Error' }] }, error };
}

export function retry(status: number | null, error: string): object {
  return { type: 'system', subtype: 'api_retry', attempt: 1, max_retries: 3, error_status: status, error };
}

export function rateLimit(status: string, resetsAt?: number): object {
  const info = { status, rateLimitType: 'five_hour', isUsingOverage: false };
  return { type: 'rate_limit_event', rate_limit_info: { ...info, ...(resetsAt === undefined ? {} : { resetsAt }) } };
}

export const ENDED: ExitRecord = {
  exitCode: 0,
  signal: null,
  stoppedBecause: null,
  startedAt: '2026-01-01T00:00:00.000Z',
  endedAt: '2026-01-01T00:01:00.000Z',
};

export function runner(other: Partial<ClaudeRunnerOptions> = {}): ClaudeRunner {
  return new ClaudeRunner({
    command: 'claude',
    timeoutMsOf: () => 1_800_000,
    silenceMs: 900_000,
    killGraceMs: 10_000,
    lingerMs: 30_000,
    fileOnDefaultBranch: () => Promise.resolve(null),
    email: 'orchestrator@example.test',
    variables: {},
    ...other,
  });
}

/** A folder as a run leaves it. */
export class RunFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'claude-run-'));

  get output(): string {
    return join(this.path, 'stdout.ndjson');
  }

  says(...lines: readonly (object | string | Buffer)[]): this {
    for (const line of lines)
      appendFileSync(
        this.output,
        typeof line === 'string' || Buffer.isBuffer(line) ? line : `${JSON.stringify(line)}\n`,
      );
    return this;
  }

  complains(text: string): this {
    writeFileSync(join(this.path, 'stderr.log'), text);
    return this;
  }

  report(exit: Partial<ExitRecord> = {}, other: Partial<ClaudeRunnerOptions> = {}): Promise<AgentReport> {
    return runner(other).report(this.output, { ...ENDED, ...exit });
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

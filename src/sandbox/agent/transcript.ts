import { randomUUID } from 'node:crypto';

/** Writes what Claude Code's headless mode writes with `--output-format stream-json`: one JSON object a line. */
export class Transcript {
  private readonly sessionId = randomUUID();
  private readonly startedAt = Date.now();
  private turns = 0;

  constructor(private readonly write: (line: string) => void) {}

  init(): void {
    this.line({
      ...{ type: 'system', subtype: 'init', cwd: process.cwd(), model: 'scripted', permissionMode: 'dontAsk' },
      ...{
        tools: ['Read', 'Write', 'Bash'],
        mcp_servers: [],
        apiKeySource: 'none',
        claude_code_version: '0.0.0-scripted',
      },
    });
  }

  says(text: string): void {
    this.turns += 1;
    this.assistant([{ type: 'text', text }]);
  }

  uses(tool: string, input: Readonly<Record<string, unknown>>, output: string): void {
    const id = `toolu_${randomUUID().slice(0, 8)}`;
    this.assistant([{ type: 'tool_use', id, name: tool, input }]);
    const content = [{ tool_use_id: id, type: 'tool_result', content: output, is_error: false }];
    this.line({ type: 'user', message: { role: 'user', content }, parent_tool_use_id: null });
  }

  succeeded(result: string): void {
    this.result({ subtype: 'success', is_error: false, result, stop_reason: 'end_turn', terminal_reason: 'completed' });
  }

  /** As after an API failure: the subtype still says success. */
  failed(result: string, apiErrorStatus: number | null): void {
    this.result({ subtype: 'success', is_error: true, api_error_status: apiErrorStatus, result });
  }

  limitReached(resetsAt: number): void {
    const info = { status: 'rejected', resetsAt, rateLimitType: 'five_hour', isUsingOverage: false };
    this.line({ type: 'rate_limit_event', rate_limit_info: info });
  }

  private assistant(content: readonly unknown[]): void {
    const usage = { input_tokens: 1_000, output_tokens: 1 };
    const message = { id: `msg_${randomUUID().slice(0, 8)}`, role: 'assistant', model: 'scripted', content, usage };
    this.line({ type: 'assistant', message, parent_tool_use_id: null });
  }

  private result(outcome: Readonly<Record<string, unknown>>): void {
    const usage = { input_tokens: 1_000 * this.turns, output_tokens: 150 * this.turns };
    this.line({
      ...{ type: 'result', api_error_status: null, num_turns: this.turns, ...outcome },
      ...{ duration_ms: Date.now() - this.startedAt, total_cost_usd: Number((0.01 * this.turns).toFixed(4)), usage },
      ...{ permission_denials: [], queued_turn_count: 0, result_index: 0 },
    });
  }

  private line(value: Readonly<Record<string, unknown>>): void {
    this.write(`${JSON.stringify({ ...value, session_id: this.sessionId, uuid: randomUUID() })}\n`);
  }
}

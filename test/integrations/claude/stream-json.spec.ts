import { describe, expect, test } from '@jest/globals';
import { linesOf } from '../../../src/integrations/claude/lines.js';
import { NOTHING_SAID, type StreamSummary, takeLine } from '../../../src/integrations/claude/stream-json.js';
import { INIT, RunFolder, SUCCESS, TOOL_CALL, TOOL_RESULT, assistantError, retry } from './recorded.js';

function summaryOf(...lines: readonly (object | string)[]): StreamSummary {
  return lines
    .map((line) => (typeof line === 'string' ? line : JSON.stringify(line)))
    .reduce((summary, line) => takeLine(summary, line), NOTHING_SAID);
}

describe('the summary of a stream', () => {
  test('it counts lines, tool calls and what could not be read, and knows version and session', () => {
    const summary = summaryOf(INIT, TOOL_CALL, TOOL_RESULT, TOOL_CALL, 'garbage');
    expect(summary).toMatchObject({
      lines: 5,
      toolCalls: 2,
      malformed: 1,
      version: '2.1.329',
      sessionId: INIT.session_id,
    });
  });

  test('an API that is being tried again is retrying until it answers', () => {
    expect(summaryOf(INIT, retry(529, 'overloaded')).retrying).toEqual({ status: 529, error: 'overloaded' });
    expect(summaryOf(INIT, retry(529, 'overloaded'), TOOL_CALL).retrying).toBeNull();
  });

  test('an error of an earlier answer is forgotten with the next good one', () => {
    expect(summaryOf(assistantError('rate_limit')).assistantError).toBe('rate_limit');
    expect(summaryOf(assistantError('rate_limit'), TOOL_CALL).assistantError).toBeNull();
  });

  test('it keeps the two newest results', () => {
    const results = [1, 2, 3].map((cost) => ({ ...SUCCESS, total_cost_usd: cost }));
    expect(summaryOf(...results).results.map((result) => result.costUsd)).toEqual([3, 2]);
  });
});

describe('the lines of a file', () => {
  test('each is given once, whole across the pieces it is read in, the last also without its end', async () => {
    const run = new RunFolder();
    const texts = ['ä'.repeat(100_000), '', 'b'.repeat(70_000), 'end'];
    run.says(texts.join('\n'));
    const lines: string[] = [];
    for await (const line of linesOf(run.output, 250_000)) lines.push(line.kind === 'line' ? line.text : line.kind);
    expect(lines).toEqual(texts);
    run.remove();
  });

  test('one that is too long is named as such, and the next is whole again', async () => {
    const run = new RunFolder();
    run.says(`${'x'.repeat(200_000)}\nshort\n`);
    const kinds: string[] = [];
    for await (const line of linesOf(run.output, 1_000)) kinds.push(line.kind === 'line' ? line.text : line.kind);
    expect(kinds).toEqual(['too-long', 'short']);
    run.remove();
  });
});

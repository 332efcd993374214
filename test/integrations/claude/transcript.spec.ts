import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { summaryOf } from '../../../src/integrations/claude/claude-runner.js';
import { RunFolder, runner } from './recorded.js';

const RECORDED = readFileSync(new URL('../../fixtures/claude/transcript.ndjson', import.meta.url), 'utf8');
const HUGE = 'x'.repeat(17 * 1024 * 1024);
/** With a line in it that is beyond all measure, which no repository wants to keep. */
const TRANSCRIPT = RECORDED.replace('<<huge>>', HUGE);
const LINES = TRANSCRIPT.split('\n').filter((line) => line !== '').length;

let run: RunFolder;
beforeEach(() => {
  run = new RunFolder();
});
afterEach(() => run.remove());

describe('a whole transcript, with noise, a half line, and a huge one in it', () => {
  test('is a success with the cost, the tokens of all models, the turns and the session of its result', async () => {
    expect(await run.says(TRANSCRIPT).report()).toEqual({
      succeeded: true,
      failure: null,
      costUsd: 0.0412,
      inputTokens: 2190,
      outputTokens: 652,
      sessionId: '0f2c7a52-3b1d-4c55-9b0e-6a6f6c1d7a01',
      turns: 3,
    });
  });

  test('counts what it could not read, and takes nothing from it', async () => {
    const summary = await summaryOf(run.says(TRANSCRIPT).output);
    expect(summary).toMatchObject({ lines: LINES, malformed: 4, version: '2.1.329', permissionMode: 'dontAsk' });
    expect(summary).toMatchObject({ turns: 3, toolCalls: 3, usageLimit: null, retrying: null });
    expect(summary.lastTool).toBe('Edit /w/src/promotions/spring.js');
    expect(summary.lastText).toBe('Die Prüfung läuft: żółw, 日本語, 🐢.');
    expect(summary.results[0]?.denials).toBe(1);
  });

  test('read as it is written, in pieces that end anywhere, comes to the same progress', async () => {
    run.says('');
    const follower = runner().follow(run.output);
    const bytes = Buffer.from(RECORDED);
    for (let from = 0; from < bytes.length; from += 997) {
      run.says(bytes.subarray(from, from + 997));
      await follower.look();
    }
    const whole = { lines: LINES, turns: 3, toolCalls: 3, costUsd: 0.0412, isCurrent: true };
    expect(await follower.look()).toMatchObject({ ...whole, lastTool: 'Edit /w/src/promotions/spring.js' });
  });

  test.each([
    ['the retry', 'api_retry', 'overload', true],
    ['the first tool', '"toolu_1","type":"tool_result"', 'crash', false],
    ['the last words', 'msg_4', 'crash', false],
  ])('cut off behind %s it is classified by what was said until then, and its cost is unknown', async (...given) => {
    const [, until, expected, transient] = given;
    const lines = RECORDED.split('\n');
    const cut = lines.slice(0, lines.findIndex((line) => line.includes(until)) + 1);
    const report = await run.says(`${cut.join('\n')}\n{"type":"resu`).report({ exitCode: null, signal: 'SIGKILL' });
    expect(report).toMatchObject({ succeeded: false, costUsd: null, failure: { class: expected, transient } });
  });
});

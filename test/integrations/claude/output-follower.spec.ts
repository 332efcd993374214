import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { INIT, RunFolder, SUCCESS, TOOL_CALL, TOOL_RESULT, runner } from './recorded.js';

const HUGE = 3 * 1024 * 1024;

let run: RunFolder;
beforeEach(() => {
  run = new RunFolder();
});
afterEach(() => run.remove());

function says(id: string, text: string): object {
  return { type: 'assistant', message: { id, content: [{ type: 'text', text }] } };
}

describe('who follows a run', () => {
  test('sees turns, tool calls, the last words and the last call while it goes on, and no cost before it is said', async () => {
    run.says(INIT, says('msg_0', 'I look around.'), TOOL_CALL, TOOL_RESULT);
    const follower = runner().follow(run.output);
    expect(await follower.look()).toEqual({
      ...{ lines: 4, turns: 2, toolCalls: 1, lastText: 'I look around.', lastTool: 'Bash ls' },
      ...{ costUsd: null, isCurrent: true },
    });
    run.says(says('msg_2', 'Done.'), SUCCESS);
    expect(await follower.look()).toMatchObject({ lines: 6, turns: 3, lastText: 'Done.', costUsd: 0.00306 });
  });

  test('counts an answer once that comes as several lines', async () => {
    run.says(says('msg_1', 'First part.'), TOOL_CALL);
    expect(await runner().follow(run.output).look()).toMatchObject({ turns: 1, toolCalls: 1 });
  });

  test('understands a line only when it has its end', async () => {
    const line = JSON.stringify(says('msg_1', 'Grüße'));
    run.says(line.slice(0, 60));
    const follower = runner().follow(run.output);
    expect(await follower.look()).toMatchObject({ lines: 0, lastText: null });
    run.says(`${line.slice(60)}\n`);
    expect(await follower.look()).toMatchObject({ lines: 1, lastText: 'Grüße' });
  });

  test('passes over a line that is malformed or huge, and goes on behind it', async () => {
    run.says('{"type":\n', `${'x'.repeat(HUGE)}\n`, says('msg_1', 'Still here.'));
    expect(await runner().follow(run.output).look()).toMatchObject({ lines: 3, lastText: 'Still here.' });
  });

  test('reads a long output in several looks, and says when there is more', async () => {
    const line = `${JSON.stringify(says('msg_1', 'y'.repeat(1024 * 1024)))}\n`;
    run.says(...Array.from({ length: 20 }, () => line));
    const follower = runner().follow(run.output);
    const first = await follower.look();
    expect(first.isCurrent).toBe(false);
    expect(first.lines).toBeLessThan(20);
    expect(await follower.look()).toMatchObject({ lines: 20, isCurrent: true });
  });

  test('is given a long text shortened', async () => {
    run.says(says('msg_1', 'z'.repeat(10_000)));
    const { lastText } = await runner().follow(run.output).look();
    expect(lastText).toHaveLength(301);
  });
});

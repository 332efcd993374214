import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  INIT,
  RunFolder,
  SUCCESS,
  TOOL_CALL,
  TOOL_RESULT,
  apiFailed,
  assistantError,
  rateLimit,
  retry,
} from './recorded.js';

let run: RunFolder;
beforeEach(() => {
  run = new RunFolder();
});
afterEach(() => run.remove());

describe('what a run came to', () => {
  test('exit code 0 and a last result without an error is a success, with its cost, tokens, turns and session', async () => {
    const report = await run.says(INIT, TOOL_CALL, TOOL_RESULT, SUCCESS).report();
    expect(report).toEqual({
      succeeded: true,
      failure: null,
      costUsd: 0.00306,
      inputTokens: 1020,
      outputTokens: 55,
      sessionId: INIT.session_id,
      turns: 2,
    });
  });

  test('the least that a stand-in may print is a success', async () => {
    const line = { type: 'result', subtype: 'success', is_error: false, total_cost_usd: 0.01 };
    expect(await run.says(line).report()).toMatchObject({
      succeeded: true,
      costUsd: 0.01,
      inputTokens: null,
      turns: null,
    });
  });

  test('of several results the last one counts, and its cost is the cost of all', async () => {
    const second = { ...SUCCESS, result_index: 1, total_cost_usd: 0.00612 };
    expect(await run.says(INIT, SUCCESS, INIT, second).report()).toMatchObject({ succeeded: true, costUsd: 0.00612 });
    const failed = { ...SUCCESS, subtype: 'error_during_execution', is_error: true };
    expect(await run.says(failed).report()).toMatchObject({ succeeded: false, failure: { class: 'agent-error' } });
  });

  test('an empty output with exit code 0 is no result, and its cost is unknown, not nothing', async () => {
    const report = await run.says('').report();
    expect(report).toMatchObject({
      succeeded: false,
      costUsd: null,
      failure: { class: 'no-result', transient: false },
    });
  });

  test('a run that never wrote a file has no result', async () => {
    expect(await run.report()).toMatchObject({ succeeded: false, failure: { class: 'no-result' } });
  });

  test('a success that ended with another exit code or by a signal is a crash', async () => {
    run.says(SUCCESS);
    expect(await run.report({ exitCode: 1 })).toMatchObject({ failure: { class: 'crash' }, costUsd: 0.00306 });
    expect(await run.report({ exitCode: null, signal: 'SIGKILL' })).toMatchObject({ failure: { class: 'crash' } });
  });

  test('a result that says neither error nor none is not a success', async () => {
    expect(await run.says({ type: 'result', subtype: 'success' }).report()).toMatchObject({ succeeded: false });
  });

  test('a result whose turn was cut short is not a success', async () => {
    const report = await run.says({ ...SUCCESS, terminal_reason: 'max_turns' }).report();
    expect(report).toMatchObject({ succeeded: false, failure: { class: 'agent-error', transient: false } });
  });

  test('an agent that was helped out after its result has succeeded, whatever it said while it was ended', async () => {
    const linger = { exitCode: null, signal: 'SIGTERM', stoppedBecause: 'linger' };
    expect(await run.says(SUCCESS).report(linger)).toMatchObject({ succeeded: true });
    const interrupted = {
      ...SUCCESS,
      subtype: 'error_during_execution',
      is_error: true,
      terminal_reason: 'aborted_tools',
    };
    const report = await run
      .says({ ...interrupted, total_cost_usd: 0.004 })
      .report({ ...linger, exitCode: 0, signal: null });
    expect(report).toMatchObject({ succeeded: true, costUsd: 0.004 });
  });
});

describe('why a run failed', () => {
  test.each([
    ['a rate limit', [apiFailed(429, 'API Error: Request rejected (429) · slow down')], 'rate-limit', true],
    [
      'an overloaded API',
      [assistantError('server_error'), apiFailed(529, 'API Error: 529 Overloaded.')],
      'overload',
      true,
    ],
    ['a broken API', [assistantError('server_error'), apiFailed(500, 'API Error: 500 …')], 'overload', true],
    ['a dropped connection', [assistantError('server_error'), apiFailed(null, 'API Error: …')], 'network', true],
    ['a dropped connection told in words only', [apiFailed(null, 'Connection dropped (ECONNRESET)')], 'network', true],
    [
      'a wrong key',
      [assistantError('authentication_failed'), apiFailed(401, 'Invalid API key')],
      'authentication',
      false,
    ],
    ['no login', [assistantError('authentication_failed'), apiFailed(null, 'Not logged in')], 'authentication', false],
    [
      'an organisation that refuses',
      [assistantError('oauth_org_not_allowed'), apiFailed(403, '')],
      'authentication',
      false,
    ],
    ['no money left', [apiFailed(429, 'Credit balance is too low')], 'authentication', false],
    ['money refused by a field', [assistantError('billing_error'), apiFailed(400, '')], 'authentication', false],
    [
      'a model that is not there',
      [assistantError('model_not_found'), apiFailed(404, 'issue with the model')],
      'agent-error',
      false,
    ],
    [
      'a prompt that is too long',
      [apiFailed(400, 'Prompt is too long', { terminal_reason: 'prompt_too_long' })],
      'agent-error',
      false,
    ],
    [
      'too many turns',
      [{ ...SUCCESS, subtype: 'error_max_turns', is_error: true, errors: ['Reached'] }],
      'agent-error',
      false,
    ],
    ['a number that looks like a status', [apiFailed(null, 'used 429500 tokens')], 'agent-error', false],
  ])('%s', async (_what, lines, expected, transient) => {
    const report = await run.says(INIT, ...lines).report({ exitCode: 1 });
    expect(report).toMatchObject({ succeeded: false, failure: { class: expected, transient, resetsAt: null } });
  });

  test('a usage window that is used up names the time at which it opens again', async () => {
    run.says(
      rateLimit('rejected', 1_795_228_386),
      assistantError('rate_limit'),
      apiFailed(429, "You've hit your 5-hour limit"),
    );
    const { failure } = await run.report({ exitCode: 1 });
    expect(failure).toMatchObject({ class: 'usage-limit', transient: true, resetsAt: '2026-11-21T02:33:06.000Z' });
  });

  test('a usage limit told in words only has no time that could be trusted', async () => {
    run.says(apiFailed(429, "You've hit your 5-hour limit · resets 2:33am (UTC)"));
    expect((await run.report({ exitCode: 1 })).failure).toMatchObject({ class: 'usage-limit', resetsAt: null });
  });

  test('a warning about the usage window, or one that was answered since, is no limit', async () => {
    run.says(rateLimit('rejected', 1), rateLimit('allowed_warning', 1), apiFailed(429, 'API Error: (429)'));
    expect((await run.report({ exitCode: 1 })).failure).toMatchObject({ class: 'rate-limit' });
  });

  test('old versions ended a failed call with exit code 0', async () => {
    expect(await run.says(apiFailed(529, 'Overloaded')).report()).toMatchObject({ failure: { class: 'overload' } });
  });

  test('a run that is over its time, or silent, used up an attempt', async () => {
    run.says(INIT, TOOL_CALL);
    const stopped = { exitCode: 143, stoppedBecause: 'timeout' };
    expect((await run.report(stopped)).failure).toMatchObject({ class: 'timeout', transient: false });
    expect((await run.report({ ...stopped, stoppedBecause: 'silence' })).failure).toMatchObject({ class: 'timeout' });
  });

  test('unless it was the API that kept it waiting', async () => {
    run.says(INIT, retry(529, 'overloaded'));
    const report = await run.report({ exitCode: 143, stoppedBecause: 'silence' });
    expect(report.failure).toMatchObject({ class: 'overload', transient: true });
  });

  test('a command that cannot be run says so with its own words', async () => {
    run.complains('claude cannot be started in /w: spawn claude ENOENT\n');
    const { failure } = await run.report({ exitCode: 127 });
    expect(failure?.class).toBe('crash');
    expect(failure?.reason).toContain('spawn claude ENOENT');
  });

  test('a refused start is told by the end of a long error output', async () => {
    run.complains(`${'noise '.repeat(2_000)}\nInvalid API key · Please run /login`);
    expect((await run.report({ exitCode: 1 })).failure).toMatchObject({ class: 'authentication', transient: false });
  });

  test.each([{}, { exitCode: 143, stoppedBecause: 'timeout' }, { exitCode: 0, stoppedBecause: 'forbidden' }])(
    'an agent that did not take its settings has not succeeded, however it ended %j',
    async (exit) => {
      run.says({ ...INIT, permissionMode: 'default' }, TOOL_CALL, SUCCESS);
      const { failure, costUsd } = await run.report(exit);
      expect(failure).toMatchObject({ class: 'settings-ignored', transient: false });
      expect(failure?.reason).toContain('(2.1.329) ran with permission mode default instead of dontAsk');
      expect(costUsd).toBe(0.00306);
    },
  );

  test('a stand-in that says nothing of permissions is believed', async () => {
    const { permissionMode: _, ...init } = INIT;
    expect(await run.says(init, SUCCESS).report()).toMatchObject({ succeeded: true });
  });

  test('a killed agent is a crash', async () => {
    const report = await run.says(INIT).report({ exitCode: null, signal: 'SIGKILL' });
    expect(report).toMatchObject({
      failure: { class: 'crash', transient: false },
      sessionId: INIT.session_id,
      costUsd: null,
    });
  });

  test('a credential that the agent printed does not get into the reason', async () => {
    run.says(apiFailed(401, 'Invalid API key sk-very-secret'));
    const { failure } = await run.report({ exitCode: 1 }, { variables: { ANTHROPIC_API_KEY: 'sk-very-secret' } });
    expect(failure?.reason).toBe('Invalid API key ***');
  });
});

describe('an output that is not clean', () => {
  test('lines that are no JSON, half lines and unknown types are passed over', async () => {
    run.says(
      INIT,
      'npm warn something\n',
      '{"type":"assi\n',
      '[1,2]\n',
      'null\n',
      { type: 'brand_new' },
      '\n',
      SUCCESS,
    );
    expect(await run.says('{"type":"resu').report()).toMatchObject({ succeeded: true, costUsd: 0.00306 });
  });

  test('a last line without its end counts when it is whole', async () => {
    expect(await run.says(INIT, JSON.stringify(SUCCESS)).report()).toMatchObject({ succeeded: true });
  });

  test('fields of a wrong type are unknown and break nothing', async () => {
    run.says({ type: 'assistant', message: 'text' }, { type: 'rate_limit_event' }, { type: 'system', subtype: 7 });
    run.says({ ...SUCCESS, total_cost_usd: 'much', modelUsage: [], usage: null, num_turns: null, session_id: 5 });
    const report = await run.report();
    expect(report).toMatchObject({
      succeeded: true,
      costUsd: null,
      inputTokens: null,
      outputTokens: null,
      turns: null,
    });
  });

  test('a line of many megabytes is read, and one beyond all measure is passed over', async () => {
    const huge = { ...TOOL_RESULT, tool_use_result: { stdout: 'x'.repeat(8 * 1024 * 1024) } };
    run.says(huge, `{"type":"user","text":"${'y'.repeat(17 * 1024 * 1024)}"}\n`, SUCCESS);
    expect(await run.report()).toMatchObject({ succeeded: true, costUsd: 0.00306 });
  });
});

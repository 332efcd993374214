import { describe, expect, test } from '@jest/globals';
import { load, refusalOf } from './loading.js';

describe('a variable', () => {
  test('that is absent or blank has its default', () => {
    const config = load({ ORCH_PORT: '', ORCH_LOCALE: '  ' });
    expect(config.server).toEqual({ host: '127.0.0.1', port: 8500, apiToken: null });
    expect(config.locale).toBe('en');
    expect(config.queue).toEqual({ maxConcurrency: 1, pollIntervalS: 5 });
    expect(config.agent.command).toEqual(['claude']);
  });

  test('in the environment wins over the same one in .env', () => {
    const files = { '.env': 'ORCH_PORT=9000\nORCH_LOCALE=ru\n' };
    const config = load({ ORCH_PORT: '9001' }, files);
    expect(config.server.port).toBe(9001);
    expect(config.locale).toBe('ru');
  });

  test('is read without changing the environment that it came from', () => {
    const env = { ORCH_PORT: '9001' };
    load(env, { '.env': 'ORCH_LOCALE=ru\n' });
    expect(env).toEqual({ ORCH_PORT: '9001' });
  });

  test('that is wrong is named with its value and with what is allowed', () => {
    expect(refusalOf({ ORCH_PORT: '80000' })).toContain(
      'ORCH_PORT: given "80000", allowed: a whole number from 0 to 65535',
    );
  });

  test('that is wrong is reported together with all the others', () => {
    const message = refusalOf({
      ORCH_PORT: 'http',
      ORCH_LOCALE: 'de',
      ORCH_HOST: '0.0.0.0',
      ORCH_MAX_CONCURRENCY: '0',
    });
    const variables = message.match(/ORCH_[A-Z_]+(?=: given)/g);
    expect(variables?.sort()).toEqual(['ORCH_HOST', 'ORCH_LOCALE', 'ORCH_MAX_CONCURRENCY', 'ORCH_PORT']);
  });

  test.each(['1', 'yes', 'TRUE', 'on'])('that is a switch refuses %s: only true and false are words for it', (word) => {
    expect(refusalOf({ ORCH_REAPER_ENABLED: word })).toContain(
      `ORCH_REAPER_ENABLED: given "${word}", allowed: true or false`,
    );
    expect(load({ ORCH_REAPER_ENABLED: 'false' }).reaper.enabled).toBe(false);
  });

  test.each(['1e3', '0x10', '5s', '-1', 'Infinity'])('that counts refuses %s', (text) => {
    expect(refusalOf({ ORCH_JOB_MAX_ATTEMPTS: text })).toContain('ORCH_JOB_MAX_ATTEMPTS');
  });

  test('that is an interval takes decimals, but no zero, no negative and nothing that overflows a timer', () => {
    expect(load({ ORCH_POLL_INTERVAL_S: '0.2' }).queue.pollIntervalS).toBe(0.2);
    for (const text of ['0', '-0.5', '3000000', 'soon']) {
      expect(refusalOf({ ORCH_POLL_INTERVAL_S: text })).toContain(`ORCH_POLL_INTERVAL_S: given "${text}"`);
    }
  });

  test('that is a list of repositories refuses a token that is none, because dropping it would widen the scope', () => {
    expect(load({ ORCH_SERIAL_GATE_REPOS: ' a , b.c-d_1 ' }).serialGate.repos).toEqual(['a', 'b.c-d_1']);
    for (const text of ['a,b c', 'a;b', ',', 'a,,b', 'team/repo']) {
      expect(refusalOf({ ORCH_SERIAL_GATE_REPOS: text })).toContain(`ORCH_SERIAL_GATE_REPOS: given "${text}"`);
    }
  });

  test('that is a command is split as a shell splits words, and runs one command only', () => {
    const command = `node 'my agent.js' --name "two words" *.md $HOME`;
    expect(load({ ORCH_AGENT_COMMAND: command }).agent.command).toEqual([
      'node',
      'my agent.js',
      '--name',
      'two words',
      '*.md',
      '$HOME',
    ]);
    for (const text of ['claude | tee log', 'claude > file', 'a; b', '# nothing']) {
      expect(refusalOf({ ORCH_AGENT_COMMAND: text })).toContain('ORCH_AGENT_COMMAND');
    }
  });

  test('that gives time-outs per role refuses what is no JSON, no role or no time', () => {
    const good = load({ ORCH_AGENT_TIMEOUT_OVERRIDES_JSON: '{"tester": 60, "analyst": 0.5}' });
    expect(good.agent.timeoutOverridesS).toEqual({ tester: 60, analyst: 0.5 });
    for (const text of ['{', '[]', '5', '{"manager": 60}', '{"tester": 0}', '{"tester": "60"}']) {
      expect(refusalOf({ ORCH_AGENT_TIMEOUT_OVERRIDES_JSON: text })).toContain('ORCH_AGENT_TIMEOUT_OVERRIDES_JSON');
    }
  });

  test('that is an address refuses other protocols and passwords inside', () => {
    expect(load({ ORCH_TELEGRAM_API_URL: 'http://127.0.0.1:9/' }).telegram.apiUrl).toBe('http://127.0.0.1:9');
    for (const text of ['api.telegram.org', 'ftp://host', 'https://user:pass@host']) {
      expect(refusalOf({ ORCH_TELEGRAM_API_URL: text })).toContain('ORCH_TELEGRAM_API_URL');
    }
  });

  test.each(['-oProxyCommand=x@host', 'host', 'user@-x', 'a b@host'])(
    'that names a host for ssh refuses %s',
    (text) => {
      expect(refusalOf({ ORCH_DEPLOY_SSH: text })).toContain('ORCH_DEPLOY_SSH');
      expect(load({ ORCH_DEPLOY_SSH: 'deploy@host.example' }).deploy.ssh).toBe('deploy@host.example');
    },
  );

  test('that holds a password does not show it when it is refused', () => {
    const message = refusalOf({
      ORCH_EVENTSTORE_URL: 'http://admin:changeit@db',
      ORCH_GITEA_URL: 'https://me:hidden@git',
    });
    expect(message).toContain('ORCH_EVENTSTORE_URL');
    expect(message).toContain('ORCH_GITEA_URL');
    expect(message).not.toMatch(/changeit|hidden/);
  });
});

import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { loadConfig } from '../../src/config/load-config.js';
import { policyOf } from '../../src/config/policy.js';
import { secretsOf } from '../../src/config/secrets.js';
import { folderWith, GITEA, load, PLANE, PROJECT, projectsFile, refusalOf } from './loading.js';

const CONNECTED = { ...PLANE, ...GITEA };

describe('the configuration', () => {
  test('keeps everything below the data folder, and relative paths start where the service does', () => {
    const cwd = folderWith();
    const config = loadConfig({ ORCH_DATA_DIR: 'var', ORCH_DB_PATH: 'elsewhere/read.db' }, cwd);
    expect(config.dataDir).toBe(join(cwd, 'var'));
    expect(config.eventLog.path).toBe(join(cwd, 'var/events.db'));
    expect(config.readModels.path).toBe(join(cwd, 'elsewhere/read.db'));
    expect(config.reposDir).toBe(join(cwd, 'var/repos'));
    expect(config.worktreesDir).toBe(join(cwd, 'var/worktrees'));
  });

  test('cannot be changed by anybody who has it', () => {
    const config = load({ ORCH_SERIAL_GATE_REPOS: 'a' }, projectsFile(PROJECT));
    expect(() => Object.assign(config.server, { port: 1 })).toThrow(TypeError);
    expect(() => (config.serialGate.repos as string[]).push('b')).toThrow(TypeError);
    expect(() => Object.assign(config.projects[0] ?? {}, { repo: 'b' })).toThrow(TypeError);
  });

  test('is the sandbox when there is neither a project file nor a tracker', () => {
    expect(load().sandbox).toBe(true);
    expect(load(CONNECTED, projectsFile(PROJECT)).sandbox).toBe(false);
  });

  test('with a tracker but without its project file is refused', () => {
    expect(refusalOf(CONNECTED)).toContain('ORCH_PROJECTS_FILE: given "./projects.json", which does not exist');
  });

  test.each(['127.0.0.1', '127.8.9.1', 'localhost', '::1'])('listens on %s without a token', (host) => {
    expect(load({ ORCH_HOST: host }).server.host).toBe(host);
  });

  test.each(['0.0.0.0', '::', '10.0.0.1', 'host.example', '127.example'])('listens on %s only with a token', (host) => {
    expect(refusalOf({ ORCH_HOST: host })).toContain(`ORCH_HOST: given "${host}"`);
    expect(load({ ORCH_HOST: host, ORCH_API_TOKEN: 'token' }).server.apiToken).toBe('token');
  });

  test.each(Object.keys(CONNECTED).filter((name) => !name.endsWith('_URL')))(
    'is refused when %s is missing beside its address',
    (name) => {
      expect(refusalOf({ ...CONNECTED, [name]: '' }, projectsFile(PROJECT))).toContain(`${name}: given nothing`);
    },
  );

  test('without an address still knows the secret that webhooks are signed with', () => {
    const config = load({ ORCH_PLANE_WEBHOOK_SECRET: 's1', ORCH_GITEA_WEBHOOK_SECRET: 's2' });
    expect(config.plane).toBeNull();
    expect(config.webhooks).toEqual({ planeSecret: 's1', giteaSecret: 's2' });
  });

  test('with a Telegram token but no chat is refused', () => {
    expect(refusalOf({ ORCH_TELEGRAM_BOT_TOKEN: 't' })).toContain('ORCH_TELEGRAM_CHAT_ID: given nothing');
  });

  test('is refused when the reaper would end runs that are still within their time-out', () => {
    const ceiling = { ORCH_REAPER_MAX_RUNNING_S: '2110', ORCH_AGENT_TIMEOUT_S: '1800' };
    expect(refusalOf(ceiling)).toContain('ORCH_REAPER_MAX_RUNNING_S: given 2110, allowed: more than 2110');
    expect(refusalOf({ ...ceiling, ORCH_REAPER_MAX_RUNNING_S: '2110.5' })).toBe('accepted');
    const slowTester = { ORCH_AGENT_TIMEOUT_OVERRIDES_JSON: '{"tester": 3400}' };
    expect(refusalOf(slowTester)).toContain('the largest agent time-out (3400)');
  });

  test('names all its secrets for the redactor, those inside addresses as well', () => {
    const project = { ...PROJECT, cloneUrl: 'https://bot:in%20url@git.example/x.git' };
    const env = {
      ...CONNECTED,
      ORCH_API_TOKEN: 'api-token',
      ORCH_TELEGRAM_BOT_TOKEN: '1:bot',
      ORCH_TELEGRAM_CHAT_ID: '5',
      ORCH_EVENTSTORE_URL: 'esdb://admin:changeit@db:2113',
    };
    expect(secretsOf(load(env, projectsFile(project))).sort()).toEqual(
      [
        '1:bot',
        'api-token',
        'changeit',
        'gitea-secret',
        'gitea-token',
        'in url',
        'in%20url',
        'plane-secret',
        'plane-token',
      ].sort(),
    );
    expect(secretsOf(load())).toEqual([]);
  });
});

describe('the policy', () => {
  test('carries the settings of decisions and no secret, address or command', () => {
    const production = { command: './deploy.sh', healthUrl: 'https://prod.example/health' };
    const config = load({ ...CONNECTED, ORCH_REAPER_DEAD_TICKS: '3' }, projectsFile({ ...PROJECT, production }));
    const policy = policyOf(config);
    expect(policy.reaper.deadTicks).toBe(3);
    expect(policy.projects[0]).toMatchObject({ repo: 'enduro-trails', productionHook: true, stagingHook: false });
    expect(policy.projects[0]).toMatchObject({ productionHealth: true, productionRollback: false });
    expect(JSON.stringify(policy)).not.toMatch(/secret|token|https?:|deploy\.sh/);
  });
});

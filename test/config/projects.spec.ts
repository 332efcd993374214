import { describe, expect, test } from '@jest/globals';
import { STATUS_KEYS } from '../../src/kernel/pipeline/stage.js';
import { GITEA, load, PROJECT, projectsFile, refusalOf } from './loading.js';

describe('the project file', () => {
  test('needs only repository, prefix and tracker project of each project [PRJ-01, PRJ-05]', () => {
    expect(load(GITEA, projectsFile(PROJECT)).projects).toEqual([
      {
        ...PROJECT,
        defaultBranch: 'main',
        cloneUrl: 'https://git.example/team/enduro-trails.git',
        testCommand: 'npm test',
        ci: 'forge',
        review: 'artifact',
        artifacts: 'branch',
        statusNames: {},
        staging: { command: null, healthUrl: null, revisionCommand: null, revisionUrl: null },
        production: {
          command: null,
          rollbackCommand: null,
          healthUrl: null,
          revisionCommand: null,
          revisionUrl: null,
          confirm: 'auto',
        },
      },
    ]);
  });

  test('may have comments, trailing commas and the address of its schema', () => {
    const text = `{
      "$schema": "./projects.schema.json",
      // the bikes
      "projects": [{ "repo": "a", "prefix": "A", "planeProjectId": "1", }, /* and no more */ ],
    }`;
    expect(load({}, { 'projects.json': text }).projects.map(({ repo }) => repo)).toEqual(['a']);
  });

  test('that is no JSON is refused with the line', () => {
    expect(refusalOf({}, { 'projects.json': '{\n  "projects": [}\n' })).toContain('./projects.json, line 2');
  });

  test('without any project is refused', () => {
    expect(refusalOf({}, projectsFile())).toContain('./projects.json, projects');
  });

  test.each(['repo', 'prefix', 'planeProjectId'])('without %s is refused', (key) => {
    const { [key]: _missing, ...rest } = PROJECT as Record<string, string>;
    expect(refusalOf({}, projectsFile(rest))).toContain(`projects[0].${key}: given nothing`);
  });

  test('with an unknown key is refused with the key and the one that was probably meant', () => {
    const message = refusalOf({}, projectsFile({ ...PROJECT, defaultBranhc: 'main', staging: { url: 'x' } }));
    expect(message).toContain('projects[0].defaultBranhc: given an unknown key (did you mean defaultBranch?)');
    expect(message).toContain('projects[0].staging.url: given an unknown key');
  });

  test('with a wrong value is refused with all wrong values and what is allowed', () => {
    const wrong = { ...PROJECT, ci: 'jenkins', repo: '..', production: { healthUrl: 'prod', confirm: 'maybe' } };
    const message = refusalOf({}, projectsFile(wrong));
    expect(message).toContain('projects[0].ci: given "jenkins", allowed: forge, local');
    expect(message).toContain('projects[0].repo: given ".."');
    expect(message).toContain(
      'projects[0].production.healthUrl: given "prod", allowed: an address that begins with http',
    );
    expect(message).toContain('projects[0].production.confirm: given "maybe", allowed: human, auto');
  });

  test.each([
    { key: 'repo', value: 'Enduro-Trails' },
    { key: 'prefix', value: 'et' },
    { key: 'planeProjectId', value: '7F0C' },
  ])('with one $key twice is refused, whatever the case', ({ key, value }) => {
    const second = { repo: 'b', prefix: 'B', planeProjectId: '2', [key]: value };
    expect(refusalOf({}, projectsFile(PROJECT, second))).toContain(`projects[1].${key}: given "${value}"`);
  });

  test('renames exactly the statuses that the orchestrator knows', () => {
    const statusNames = Object.fromEntries(STATUS_KEYS.map((key) => [key, `Our ${key}`]));
    expect(load({}, projectsFile({ ...PROJECT, statusNames })).projects[0]?.statusNames).toEqual(statusNames);
    expect(refusalOf({}, projectsFile({ ...PROJECT, statusNames: { shipped: 'Shipped' } }))).toContain(
      'projects[0].statusNames.shipped: given an unknown key',
    );
  });
});

describe('a production deploy', () => {
  const self = { repo: 'orchestrator', prefix: 'ORCH', planeProjectId: '1' };
  const confirmOf = (env: NodeJS.ProcessEnv, project: object): string | undefined =>
    load(env, projectsFile(project)).projects[0]?.production.confirm;

  test('of the self-hosting repository is confirmed by a person [DEP-01, DEP-20, PRJ-06]', () => {
    expect(confirmOf({}, self)).toBe('human');
    expect(confirmOf({ ORCH_SELF_HOSTING_REPO: 'enduro-trails' }, PROJECT)).toBe('human');
  });

  test('of the self-hosting repository goes on by itself once manual approval is switched off [AMB-27]', () => {
    expect(confirmOf({ ORCH_DEPLOY_REQUIRE_MANUAL_APPROVE: 'false' }, self)).toBe('auto');
  });

  test('of any other repository goes on by itself [DEP-01, CD-09]', () => {
    expect(confirmOf({}, PROJECT)).toBe('auto');
  });

  test('follows the project where it says so, whatever the variables say', () => {
    expect(confirmOf({}, { ...self, production: { confirm: 'auto' } })).toBe('auto');
    const off = { ORCH_DEPLOY_REQUIRE_MANUAL_APPROVE: 'false' };
    expect(confirmOf(off, { ...self, production: { confirm: 'human' } })).toBe('human');
  });
});

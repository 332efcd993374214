import { describe, expect, test } from '@jest/globals';
import { GITEA, load, PLANE, PROJECT, projectsFile } from './loading.js';

const CONNECTED = { ...PLANE, ...GITEA };

describe('a start is warned, not refused,', () => {
  test('and the defaults alone warn of nothing', () => {
    expect(load().warnings).toEqual([]);
    expect(load(CONNECTED, projectsFile(PROJECT)).warnings).toEqual([]);
  });

  test('when a variable is misspelt, with the name that was probably meant', () => {
    const { warnings } = load({ ORCH_REAPER_DEAD_TICK: '3' }, { '.env': 'ORCH_COFFEE_MACHINE=on\n' });
    expect(warnings).toEqual([
      'ORCH_COFFEE_MACHINE is no setting and changes nothing.',
      'ORCH_REAPER_DEAD_TICK is no setting and changes nothing (did you mean ORCH_REAPER_DEAD_TICKS?).',
    ]);
  });

  test('but not about what the orchestrator itself hands to agents and hooks', () => {
    expect(load({ ORCH_WORK_ITEM: 'ET-001', ORCH_DEPLOY_ID: '4', ORCH_TEST_EVENTSTORE_URL: 'x' }).warnings).toEqual([]);
  });

  test('when the reaper acts on a single look', () => {
    const config = load({ ORCH_REAPER_DEAD_TICKS: '1' });
    expect(config.reaper.deadTicks).toBe(1);
    expect(config.warnings).toEqual([expect.stringContaining('ORCH_REAPER_DEAD_TICKS=1')]);
  });

  test('when the watch over production can never call it DEGRADED', () => {
    const short = { ORCH_POST_DEPLOY_WINDOW_S: '60', ORCH_POST_DEPLOY_INTERVAL_S: '30' };
    expect(load(short).warnings).toEqual([expect.stringContaining('ORCH_POST_DEPLOY_FAIL_THRESHOLD=3 can never')]);
    expect(load({ ...short, ORCH_POST_DEPLOY_FAIL_THRESHOLD: '2' }).warnings).toEqual([]);
    expect(load({ ...short, ORCH_POST_DEPLOY_ENABLED: 'false' }).warnings).toEqual([]);
  });

  test.each(['{"analysis": 5', '[1]', '{"analysis": "5"}', '{"analyse": 5}'])(
    'when the graces per stage are %s: the default grace holds in every stage',
    (text) => {
      const config = load({ ORCH_RECONCILE_GRACE_OVERRIDES_JSON: text });
      expect(config.reconcile.graceOverridesS).toEqual({});
      expect(config.warnings).toEqual([expect.stringContaining('ORCH_RECONCILE_GRACE_OVERRIDES_JSON')]);
    },
  );

  test('while right graces per stage are taken silently', () => {
    const config = load({ ORCH_RECONCILE_GRACE_OVERRIDES_JSON: '{"deploy-staging": 0.5}' });
    expect(config.reconcile.graceOverridesS).toEqual({ 'deploy-staging': 0.5 });
    expect(config.warnings).toEqual([]);
  });

  test('when a list of repositories names one that is no project', () => {
    const { warnings } = load({ ...CONNECTED, ORCH_MERGE_GATE_REPOS: 'enduro-trials' }, projectsFile(PROJECT));
    expect(warnings).toEqual(['ORCH_MERGE_GATE_REPOS names enduro-trials, which is not in the project file.']);
  });

  test('when projects are listed, but no tracker or no forge is connected', () => {
    const { warnings, projects } = load({}, projectsFile(PROJECT));
    expect(warnings).toEqual([expect.stringContaining('ORCH_PLANE_URL'), expect.stringContaining('ORCH_GITEA_URL')]);
    expect(projects[0]?.cloneUrl).toBeNull();
  });

  test('when the sandbox leaves a forge or a named project file out of account', () => {
    const { warnings, sandbox } = load({ ...GITEA, ORCH_PROJECTS_FILE: './elsewhere.json' });
    expect(sandbox).toBe(true);
    expect(warnings).toEqual([
      expect.stringContaining('ORCH_GITEA_URL has no effect'),
      expect.stringContaining('ORCH_PROJECTS_FILE has no effect'),
    ]);
  });
});

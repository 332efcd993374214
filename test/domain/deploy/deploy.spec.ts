import { describe, expect, test } from '@jest/globals';
import * as commands from '../../../src/domain/deploy/commands.js';
import { deployDecider } from '../../../src/domain/deploy/decide.js';
import type { DeployEvent, DeployRequested } from '../../../src/domain/deploy/events.js';
import type { DeployState } from '../../../src/domain/deploy/state.js';
import { at, given, History, wish } from '../../support/given.js';

const STAGING: DeployRequested['data'] = {
  deployId: 12,
  taskId: 42,
  workItem: 'ORCH-059',
  repo: 'orchestrator',
  environment: 'staging',
  stage: 'deploy-staging',
  visit: 6,
  round: 1,
  action: 'deploy',
  revision: { head: 'aaa111', codeTree: 'tree-1' },
  previousRevision: null,
};
const PROCESS = { pid: 4711, startTicks: 5, bootId: 'boot', runDirectory: 'runs/12', startedAt: at(1) };

const request = wish(commands.RequestDeploy, STAGING);
const CLAIM = { orchestrator: 'build-1-0a1b2c3d', host: 'build-1', directory: '/data/runs/deploy-12' };
const claimed = wish(commands.ClaimDeploy, CLAIM);
const started = wish(commands.ReportDeployStarted, PROCESS);
const startFailed = wish(commands.ReportDeployStartFailed, { reason: 'ssh: no route to host' });
const ended = wish(commands.ReportDeployEnded, { exitCode: 0, checks: [], stoppedBecause: null, endedAt: at(9) });
const log = {
  commit: { head: 'bbb222', codeTree: 'tree-1' },
  artifacts: [{ path: 'docs/work-items/ORCH-059/15-staging-log.md', digest: 'd' }],
};
const published = wish(commands.ReportDeployLogPublished, log);

type Deploy = History<commands.DeployCommand, DeployEvent, DeployState>;
const deploy = (...steps: readonly commands.DeployCommand[]): Deploy =>
  given(deployDecider).afterAll(request, ...steps);

describe('A deploy', () => {
  test('is asked for once', () => {
    given(deployDecider).when(request).thenTypes('DeployRequested').thenNothingMore();
  });

  test('that nobody asked for refuses every report', () => {
    given(deployDecider).when(started).thenRefused('unknown-deploy');
    const lost = History.begin(deployDecider).and({ type: 'DeployStarted', data: { deployId: 12, ...PROCESS } });
    expect(lost.state).toEqual({ status: 'absent' });
  });

  test('is claimed by the first one who is about to start it, and by nobody after that', () => {
    deploy()
      .when(claimed)
      .then({ type: 'DeployClaimed', data: { deployId: 12, ...CLAIM } });
    const other = wish(commands.ClaimDeploy, { ...CLAIM, orchestrator: 'build-2-4e5f6a7b' });
    for (const before of [deploy(claimed), deploy(started), deploy(startFailed), deploy(started, ended)]) {
      before.when(other).thenNothing();
    }
    deploy(claimed).when(started).thenTypes('DeployStarted').thenNothingMore();
    deploy(claimed).when(startFailed).thenTypes('DeployStartFailed').thenNothingMore();
    deploy(claimed).when(ended).thenTypes('DeployFinished').thenNothingMore();
  });

  test('starts once [DEP-08]', () => {
    const outcome = deploy().when(started);
    outcome.then({ type: 'DeployStarted', data: { deployId: 12, ...PROCESS } });
    outcome.thenNothingMore();
  });

  test('ends with one verdict, and the first one stands', () => {
    const outcome = deploy(started).when(ended);
    outcome.then({
      type: 'DeployFinished',
      data: {
        deployId: 12,
        repo: STAGING.repo,
        environment: 'staging',
        action: 'deploy',
        exitCode: 0,
        checks: [],
        endedAt: at(9),
        verdict: 'SUCCESS',
        reason: 'the hook reports healthy (exit 0)',
        waived: [],
      },
    });
    outcome.thenNothingMore();
    const contrary = { exitCode: 2, checks: [], stoppedBecause: null, endedAt: at(10) };
    outcome.history.when(wish(commands.ReportDeployEnded, contrary)).thenNothing();
  });

  test('may end without anybody having seen it start', () => {
    deploy().when(ended).thenTypes('DeployFinished');
  });

  test('whose hook could not be started has no verdict [DEP-08, UNK-41]', () => {
    const outcome = deploy().when(startFailed);
    outcome.then({
      type: 'DeployStartFailed',
      data: {
        deployId: 12,
        repo: STAGING.repo,
        action: 'deploy',
        taskId: 42,
        visit: 6,
        round: 1,
        reason: 'ssh: no route to host',
      },
    });
    outcome.thenNothingMore();
    outcome.history.when(started).thenNothing();
    outcome.history.when(ended).thenNothing();
  });

  test('that has started cannot fail to start any more', () => {
    deploy(started).when(startFailed).thenNothing();
  });

  test('tells the task of its log once, after the verdict', () => {
    deploy(started).when(published).thenNothing();
    const outcome = deploy(started, ended).when(published);
    outcome.then({
      type: 'DeployLogPublished',
      data: { deployId: 12, taskId: 42, stage: 'deploy-staging', visit: 6, round: 1, ...log },
    });
    outcome.thenNothingMore();
  });
});

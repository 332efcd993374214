import type { Decider } from '../../kernel/decider.js';
import type { Policy } from '../../kernel/pipeline/policy.js';
import { Refused } from '../../kernel/refused.js';
import * as commands from './commands.js';
import type { DeployEvent } from './events.js';
import { evolveDeploy, NO_DEPLOY, type DeployState } from './state.js';
import { deployVerdict } from './verdict.js';

type Known = Exclude<DeployState, { status: 'absent' | 'withdrawn' }>;

export const deployDecider: Decider<commands.DeployCommand, DeployEvent, DeployState> = {
  category: 'deploy',
  commands: Object.values(commands),
  events: {
    DeployRequested: 1,
    DeployWithdrawn: 1,
    DeployClaimed: 1,
    DeployStarted: 1,
    DeployStartFailed: 1,
    DeployFinished: 1,
    DeployLogPublished: 1,
  },
  initial: NO_DEPLOY,
  evolve: evolveDeploy,
  decide: decideDeploy,
};

function decideDeploy(
  command: commands.DeployCommand,
  state: DeployState,
  policy: Policy,
): readonly DeployEvent[] | Refused {
  if (command.type === 'RequestDeploy') {
    return state.status === 'absent' ? [{ type: 'DeployRequested', data: command.payload }] : [];
  }
  if (command.type === 'WithdrawDeploy') {
    return state.status === 'absent' ? [{ type: 'DeployWithdrawn', data: command.payload }] : [];
  }
  if (state.status === 'withdrawn') return [];
  if (state.status === 'absent') return new Refused('unknown-deploy', `${command.stream} does not exist`);
  return reported(command, state, policy);
}

type Begun = commands.ClaimDeploy | commands.ReportDeployStarted | commands.ReportDeployStartFailed;
type Reported = Begun | commands.ReportDeployEnded | commands.ReportDeployLogPublished;

/** Each step is taken once; a report of what is already so changes nothing. */
function reported(command: Reported, state: Known, policy: Policy): readonly DeployEvent[] {
  const isBeginning = state.status === 'requested' || state.status === 'claimed';
  switch (command.type) {
    case 'ClaimDeploy':
    case 'ReportDeployStarted':
    case 'ReportDeployStartFailed':
      return isBeginning ? begun(command, state) : [];
    case 'ReportDeployEnded':
      return isBeginning || state.status === 'started' ? [finished(command.payload, state, policy)] : [];
    case 'ReportDeployLogPublished':
      return state.status === 'finished' ? [logged(command.payload, state)] : [];
  }
}

function begun(command: Begun, state: Known): readonly DeployEvent[] {
  const { deployId } = state.facts;
  switch (command.type) {
    case 'ClaimDeploy':
      return state.status === 'requested' ? [{ type: 'DeployClaimed', data: { deployId, ...command.payload } }] : [];
    case 'ReportDeployStarted':
      return [{ type: 'DeployStarted', data: { deployId, ...command.payload } }];
    case 'ReportDeployStartFailed':
      return [startFailed(command.payload.reason, state)];
  }
}

function startFailed(reason: string, state: Known): DeployEvent {
  const { deployId, repo, action, taskId, visit, round } = state.facts;
  return { type: 'DeployStartFailed', data: { deployId, repo, action, taskId, visit, round, reason } };
}

function finished(ended: commands.ReportDeployEnded['payload'], state: Known, policy: Policy): DeployEvent {
  const { deployId, repo, environment, action } = state.facts;
  const { exitCode, checks, endedAt } = ended;
  const verdict = deployVerdict(ended, environment, policy.deploy.stagingInfraToleranceEnabled);
  return {
    type: 'DeployFinished',
    data: { deployId, repo, environment, action, exitCode, checks, endedAt, ...verdict },
  };
}

function logged(published: commands.ReportDeployLogPublished['payload'], state: Known): DeployEvent {
  const { deployId, taskId, stage, visit, round } = state.facts;
  return { type: 'DeployLogPublished', data: { deployId, taskId, stage, visit, round, ...published } };
}

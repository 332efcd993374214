import { Command } from '../../kernel/command.js';
import type {
  DeployClaimed,
  DeployFinished,
  DeployLogPublished,
  DeployRequested,
  DeployStarted,
  HookCheck,
} from './events.js';

export class RequestDeploy extends Command<DeployRequested['data']> {
  readonly type = 'RequestDeploy';
}

/** Nobody wants it any more; from here on it cannot be started. */
export class WithdrawDeploy extends Command<{ readonly deployId: number; readonly reason: string }> {
  readonly type = 'WithdrawDeploy';
}

/** Once per deploy: whoever comes later goes on where the first one began. */
export class ClaimDeploy extends Command<Omit<DeployClaimed['data'], 'deployId'>> {
  readonly type = 'ClaimDeploy';
}

export class ReportDeployStarted extends Command<Omit<DeployStarted['data'], 'deployId'>> {
  readonly type = 'ReportDeployStarted';
}

export class ReportDeployStartFailed extends Command<{ readonly reason: string }> {
  readonly type = 'ReportDeployStartFailed';
}

/** How the hook ended; the verdict is decided here, not there. */
export class ReportDeployEnded extends Command<{
  readonly exitCode: DeployFinished['data']['exitCode'];
  readonly checks: readonly HookCheck[];
  /** Set when the hook did not end by itself, or nobody knows how it ended. */
  readonly stoppedBecause: string | null;
  readonly endedAt: string;
}> {
  readonly type = 'ReportDeployEnded';
}

export class ReportDeployLogPublished extends Command<Pick<DeployLogPublished['data'], 'commit' | 'artifacts'>> {
  readonly type = 'ReportDeployLogPublished';
}

export type DeployCommand =
  | RequestDeploy
  | WithdrawDeploy
  | ClaimDeploy
  | ReportDeployStarted
  | ReportDeployStartFailed
  | ReportDeployEnded
  | ReportDeployLogPublished;

import { Command } from '../../kernel/command.js';
import type { Gate } from '../../kernel/pipeline/stage.js';
import type { ArtifactWritten, Commit, ConfirmationSent, GateAnswer, TaskOpened } from './events.js';

export class OpenTask extends Command<TaskOpened['data']> {
  readonly type = 'OpenTask';
}

/** Where in the task's life an answer belongs; an answer of another visit or round changes nothing. */
export interface WorkRound {
  readonly visit: number;
  readonly round: number;
}

export class ReportWorkFinished extends Command<
  WorkRound & {
    readonly by: string;
    readonly commit: Commit;
    readonly artifacts: readonly ArtifactWritten[];
    readonly pullRequest: number | null;
  }
> {
  readonly type = 'ReportWorkFinished';
}

export class ReportWorkFailed extends Command<WorkRound & { readonly by: string; readonly reason: string }> {
  readonly type = 'ReportWorkFailed';
}

/** Look at the gates again; `head` limits it to a branch that is still there. */
export class RequestGateCheck extends Command<{ readonly trigger: string; readonly head: string | null }> {
  readonly type = 'RequestGateCheck';
}

export interface GateReading {
  readonly gate: Gate;
  readonly answer: GateAnswer;
  readonly reason: string;
  readonly evidence: Readonly<Record<string, string>>;
}

export class AnswerGateCheck extends Command<
  WorkRound & {
    readonly head: string;
    readonly readings: readonly GateReading[];
    /** What the merge gate made of the head; absent where the branch stayed as it was. */
    readonly rebased?: { readonly to: Commit; readonly onto: string };
  }
> {
  readonly type = 'AnswerGateCheck';
}

/** A person moved the item to Approved. */
export class ApproveTask extends Command<{ readonly by: string }> {
  readonly type = 'ApproveTask';
}

/** A person moved the item to Rejected (UNK-05). */
export class RejectTask extends Command<{ readonly by: string; readonly feedback: readonly string[] }> {
  readonly type = 'RejectTask';
}

/** A person moved an item that has a task to In Progress again (UNK-06). */
export class RestartTask extends Command<{ readonly by: string }> {
  readonly type = 'RestartTask';
}

/** A person moved the item to Confirm Deploy; only this starts production of a project that asks (CD-03). */
export class ConfirmDeploy extends Command<{
  /** Null: it could not be established. */
  readonly by: string | null;
  /** When the person did it; null: it could not be established. */
  readonly at: string | null;
  readonly via: 'webhook' | 'poll';
  /** Our own account did it: nobody's word, yet somebody has to know. */
  readonly ours?: true;
}> {
  readonly type = 'ConfirmDeploy';
}

/** A message of the request for a confirmation was delivered. */
export class ReportConfirmationSent extends Command<ConfirmationSent['data']> {
  readonly type = 'ReportConfirmationSent';
}

/** Whoever is to merge or to deploy may not go on: the repository is frozen, the task is paused. */
export class ReportProductionHeld extends Command<{ readonly visit: number; readonly reason: string }> {
  readonly type = 'ReportProductionHeld';
}

export class CancelTask extends Command<{ readonly by: string; readonly reason: string }> {
  readonly type = 'CancelTask';
}

export class ReportMerged extends Command<{
  readonly visit: number;
  readonly pullRequest: number;
  readonly commit: Commit;
}> {
  readonly type = 'ReportMerged';
}

export class ReportMergeRefused extends Command<{
  readonly visit: number;
  readonly pullRequest: number;
  readonly reason: string;
  /** The default branch moved on since staging: the branch is staged again, nobody has to develop (AMB-28). */
  readonly mainMoved?: boolean;
}> {
  readonly type = 'ReportMergeRefused';
}

export class ReportWorktreeRemoved extends Command<object> {
  readonly type = 'ReportWorktreeRemoved';
}

export type TaskCommand =
  | OpenTask
  | ReportWorkFinished
  | ReportWorkFailed
  | RequestGateCheck
  | AnswerGateCheck
  | ApproveTask
  | RejectTask
  | RestartTask
  | ConfirmDeploy
  | ReportConfirmationSent
  | ReportProductionHeld
  | CancelTask
  | ReportMerged
  | ReportMergeRefused
  | ReportWorktreeRemoved;

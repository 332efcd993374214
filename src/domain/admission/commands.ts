import { Command } from '../../kernel/command.js';
import type { TaskInRepo } from './events.js';

export class EnlistTask extends Command<TaskInRepo> {
  readonly type = 'EnlistTask';
}

export class RetireTask extends Command<TaskInRepo> {
  readonly type = 'RetireTask';
}

/** An analyst's job was queued, or queued again. */
export class RequestAdmission extends Command<TaskInRepo & { readonly jobId: number }> {
  readonly type = 'RequestAdmission';
}

/** The job was claimed, or it ended without. */
export class CloseAdmission extends Command<{
  readonly repo: string;
  readonly jobId: number;
  readonly claimed: boolean;
}> {
  readonly type = 'CloseAdmission';
}

export class PauseTask extends Command<TaskInRepo> {
  readonly type = 'PauseTask';
}

export class ResumeTask extends Command<TaskInRepo> {
  readonly type = 'ResumeTask';
}

export class FreezeRepo extends Command<{
  readonly repo: string;
  readonly reason: string;
  readonly workItem: string | null;
}> {
  readonly type = 'FreezeRepo';
}

/** Lifts every cause that is in force (SG-24). */
export class UnfreezeRepo extends Command<{ readonly repo: string }> {
  readonly type = 'UnfreezeRepo';
}

export interface Edge {
  readonly from: string;
  readonly to: string;
}

export class DeclareDependency extends Command<
  TaskInRepo & {
    readonly dependsOn: string;
    /** The other item is done or cancelled already. */
    readonly ended: boolean;
    /** Unfinished dependencies of other repositories, so that a cycle across them is seen. */
    readonly elsewhere: readonly Edge[];
  }
> {
  readonly type = 'DeclareDependency';
}

export class WithdrawDependency extends Command<TaskInRepo & { readonly dependsOn: string }> {
  readonly type = 'WithdrawDependency';
}

/** Told to every repository: a work item has reached its end. */
export class ReportPrerequisiteEnded extends Command<{ readonly repo: string; readonly workItem: string }> {
  readonly type = 'ReportPrerequisiteEnded';
}

/** The switches may have changed: ask the gate again. */
export class ReassessRepo extends Command<{ readonly repo: string }> {
  readonly type = 'ReassessRepo';
}

export type AdmissionCommand =
  | EnlistTask
  | RetireTask
  | RequestAdmission
  | CloseAdmission
  | PauseTask
  | ResumeTask
  | FreezeRepo
  | UnfreezeRepo
  | DeclareDependency
  | WithdrawDependency
  | ReportPrerequisiteEnded
  | ReassessRepo;

import type { AdmissionEvent } from '../../domain/admission/events.js';
import type { BreakerEvent } from '../../domain/breaker/events.js';
import type { BudgetEvent } from '../../domain/budget/events.js';
import type { DeployEvent } from '../../domain/deploy/events.js';
import type { InboxEvent } from '../../domain/inbox/events.js';
import type { JobEvent } from '../../domain/job/events.js';
import type { LandingEvent } from '../../domain/landing/events.js';
import type { MergeLeaseEvent } from '../../domain/merge-lease/events.js';
import type { NotificationEvent } from '../../domain/notification/events.js';
import type { PostDeployEvent } from '../../domain/post-deploy/events.js';
import type { SourceEvent } from '../../domain/source/events.js';
import type { TaskEvent } from '../../domain/task/events.js';
import type { RecordedEvent } from '../../kernel/event.js';

type Told =
  | TaskEvent
  | JobEvent
  | AdmissionEvent
  | MergeLeaseEvent
  | PostDeployEvent
  | DeployEvent
  | LandingEvent
  | InboxEvent
  | NotificationEvent
  | BudgetEvent
  | BreakerEvent
  | SourceEvent;
type DataOf<T extends Told['type']> = Extract<Told, { type: T }>['data'];
type Wording = { readonly [T in Told['type']]: (data: DataOf<T>) => string };

/** One line per event for people who were not there. An event type without a line does not compile. */
const WORDING: Wording = {
  TaskRequested: (data) => `${data.workItem} was started: “${data.title}”`,
  StatusEntered: (data) => `Tracker status ${data.toKey ?? data.toId}${by(data.by)}, seen by ${data.via}`,
  ItemVanished: () => 'The tracker no longer knows the item',
  TaskLostItem: (data) => `${data.workItem} has no item in the tracker any more, its task is to be paused`,
  DeliveryReceived: (data) => `Webhook of ${data.source}: ${data.event}`,
  DeliveryHandled: (data) => `Webhook dealt with: ${data.result}`,

  TaskOpened: (data) => `Task ${data.taskId} opened in ${data.repo} on branch ${data.branch}`,
  TaskAdvanced: (data) => `${data.from} → ${data.to}`,
  TaskSentBack: (data) => `${data.from} → ${data.to}, sent back (retry ${data.retries}): ${data.reason}`,
  TaskEscalated: (data) => `Escalated in ${data.stage} after ${data.retries} retries: ${data.reason}`,
  TaskRestarted: (data) => `Started again in ${data.stage}${by(data.by)}`,
  TaskCancelled: (data) => `Cancelled in ${data.from}: ${data.reason}`,
  WorkRequested: (data) =>
    `Work asked for in ${data.stage}: ${data.performer === 'agent' ? data.role : data.performer}`,
  WorkFinished: (data) =>
    `Work of ${data.stage} published as ${short(data.commit.head)}${files(data.artifacts.length)}`,
  WorkFailed: (data) => `Work of ${data.stage} failed: ${data.reason}`,
  WorkWithdrawn: (data) => `Work ${data.work} withdrawn: ${data.reason}`,
  WorktreeRemoved: () => 'Worktree removed',
  GateCheckRequested: (data) => `Gates of ${data.stage} to be read: ${data.gates.join(', ')}`,
  GateEvaluated: (data) => `${data.gate} ${data.answer}: ${data.reason}`,
  BranchRebased: (data) =>
    `Branch rebased onto ${short(data.onto)}: ${short(data.from.head)} is now ${short(data.to.head)}`,
  GateCheckAnswered: (data) => (data.green ? 'All gates are green' : 'A gate is not green'),
  TaskUnblocked: (data) => `Polling found ${data.stage} green, no webhook had told`,
  ApprovalRequested: (data) => `A person is asked to approve the ${data.stage}`,
  ApprovalGiven: (data) => `Approved${by(data.by)}`,
  GestureIgnored: (data) => `${data.gesture} in ${data.stage}${by(data.by)} had no effect: ${data.reason}`,
  ConfirmationRequested: (data) => `A person is asked to confirm the deploy of ${short(data.commit.head)}`,
  ConfirmationSent: (data) => `The request to confirm reached people at ${data.sentAt}`,
  DeployConfirmed: (data) => `Deploy of ${short(data.commit.head)} confirmed${by(data.by)}`,
  MergeRequested: (data) => `Merge of pull request ${data.pullRequest} at ${short(data.commit.head)} asked for`,
  ProductionHeld: (data) => `The way to production waits: ${data.reason}`,
  MergedCodeDiffered: (data) => `The merge came to code that was not staged: ${short(data.merged.head)}`,
  ChangeMerged: (data) => `Pull request ${data.pullRequest} merged as ${short(data.commit.head)}`,
  MergeRefused: (data) => `Pull request ${data.pullRequest} not merged: ${data.reason}`,
  PullRequestLeftOpen: (data) => `Pull request ${data.pullRequest} is still open although its change has landed`,
  PullRequestClosed: (data) => `Pull request ${data.pullRequest} is ${data.how} at the forge`,
  ArtifactsMergeRequested: (data) => `What was written after the ${data.after} is to reach the default branch`,
  ArtifactsMerged: (data) => `Artifacts are on the default branch as ${short(data.commit)}`,
  ArtifactsMergeRefused: (data) => `Artifacts stay on the branch: ${data.reason}`,

  TaskEnlisted: (data) => `Takes its place in the order of ${data.repo}`,
  TaskAdmitted: (data) => `Admitted to analysis in ${data.repo}`,
  TaskRetired: (data) => `Leaves the order of ${data.repo}`,
  TaskPaused: (data) => `Paused by ${data.by}`,
  TaskResumed: (data) => `Resumed by ${data.by}`,
  RepoFrozen: (data) => `${data.repo} frozen by ${data.by}: ${data.reason}`,
  FreezeLifted: (data) => `${data.repo} unfrozen by ${data.by}`,
  DependencyDeclared: (data) => `Waits for ${data.dependsOn} from now on, declared by ${data.by}`,
  DependencyWithdrawn: (data) => `No longer waits for ${data.dependsOn}, withdrawn by ${data.by}`,
  DependencyEnded: (data) => `${data.dependsOn}, which others wait for, has ended`,
  AdmissionRequested: (data) => `Job ${data.jobId} asks to be let in`,
  JobHeld: (data) => `Job ${data.jobId} held: ${data.reasons.map(({ code, ref }) => `${code} (${ref})`).join(', ')}`,
  JobReleased: (data) => `Job ${data.jobId} may start`,
  AdmissionClosed: (data) => `Job ${data.jobId} waits no more`,
  GatePartFailed: (data) =>
    `The gate of ${data.repo} cannot answer for ${data.part} and ${data.direction} meanwhile: ${data.error}`,
  GatePartRecovered: (data) => `The gate of ${data.repo} answers for ${data.part} again`,

  JobQueued: (data) => `Job ${data.jobId} queued for ${data.agent}`,
  JobClaimed: (data) => `Job ${data.jobId} claimed by ${data.worker}, attempt ${data.attempt}`,
  RunStarted: (data) => `Agent runs as process ${data.pid}`,
  RunEnded: (data) => `Agent ended ${data.failure ? `badly: ${data.failure.reason}` : 'well'}${cost(data.costUsd)}`,
  PublicationFailed: (data) =>
    `Work of job ${data.jobId} not published (try ${data.tries})${from(data.retryAt)}: ${data.reason}`,
  JobSucceeded: (data) => `Job ${data.jobId} done at ${short(data.commit.head)}`,
  JobRequeued: (data) => `Job ${data.jobId} queued again${from(data.availableAt)}: ${data.reason}`,
  JobFailed: (data) => `Job ${data.jobId} failed: ${data.reason}`,
  JobCancelled: (data) => `Job ${data.jobId} cancelled: ${data.reason}`,
  JobSuspected: (data) => `Job ${data.jobId} suspected (${data.streak}): ${data.because}`,
  JobSuspicionCleared: (data) => `Job ${data.jobId} is alive after all`,
  JobReaped: (data) => `Job ${data.jobId} reaped: ${data.reason}`,
  RunStopped: (data) => `The agent of a job that was cancelled or reaped is gone${cost(data.costUsd ?? null)}`,
  StaleOutcomeRefused: (data) => `Late ${data.outcome} of job ${data.jobId} refused: fence ${data.fence} is over`,

  MergeLeaseGranted: (data) => `Merge lease of ${data.repo} granted to ${data.branch}`,
  MergeLeaseRenewed: (data) => `Merge lease of ${data.repo} renewed until ${data.expiresAt}`,
  MergeLeaseReleased: (data) => `Merge lease of ${data.repo} released: ${data.reason}`,
  MergeLeaseReclaimed: (data) => `Merge lease of ${data.repo} taken from ${data.branch}: ${data.reason}`,

  DeployRequested: (data) => `Deploy ${data.deployId} of ${short(data.revision.head)} to ${data.environment} asked for`,
  DeployWithdrawn: (data) => `Deploy ${data.deployId} is not wanted any more: ${data.reason}`,
  DeployClaimed: (data) => `Deploy ${data.deployId} is taken on by ${data.orchestrator}`,
  DeployStarted: (data) => `Deploy ${data.deployId} runs as process ${data.pid}`,
  DeployStartFailed: (data) => `Deploy ${data.deployId} could not be started: ${data.reason}`,
  DeployFinished: (data) => `Deploy ${data.deployId} to ${data.environment}: ${data.verdict}, ${data.reason}`,
  DeployLogPublished: (data) => `Log of deploy ${data.deployId} published as ${short(data.commit.head)}`,

  ReleaseAnnounced: (data) => `Production of ${data.repo} is about to become ${short(data.revision.head)}`,
  WatchArmed: (data) =>
    `Production is watched${data.rollbackOf === null ? '' : ' after the rollback'} until ${data.schedule.until}: ${data.schedule.checks} checks`,
  ProductionProbed: (data) => `Production, check ${data.check}: ${data.answer}, ${data.detail}${missed(data.missed)}`,
  WatchEnded: (data) =>
    `Production${data.rollbackOf === null ? '' : ' after the rollback'} is ${data.status}: ${data.reason}${data.actionReason === null ? '' : `; ${data.action}, ${data.actionReason}`}`,
  RollbackOrdered: (data) => `Rollback asked for, from ${short(data.from.head)} to ${short(data.to.head)}`,
  RollbackFailed: (data) => `Rollback (deploy ${data.deployId}) failed: ${data.reason}`,
  WatchLogPublished: (data) => `Log of the watch published as ${short(data.head)}`,

  CostBooked: (data) =>
    `${data.scope === 'day' ? `The day ${data.key}` : 'This task'} has cost ${dollars(data.totalUsd)} so far`,
  BudgetReached: (data) =>
    `Budget of ${data.scope} ${data.key} reached: ${dollars(data.totalUsd)} of ${dollars(data.limitUsd)}; no agent starts`,
  AgentFailureCounted: (data) => `Transient failure ${data.consecutive} in a row: ${data.reason}`,
  BreakerOpened: (data) => `No agent starts before ${data.until}, then one that probes: ${data.reason}`,
  AgentsParked: (data) => `No agent starts before ${data.until}: ${data.reason}`,
  BreakerClosed: () => 'Agents answer again',

  ChangeNoticed: (data) => `Change of ${data.subject} in ${data.source} noticed by ${data.via}${late(data.delayMs)}`,
  WebhooksMissed: (data) => `${data.missed} changes in ${data.source} were found and no webhook came`,
  WebhooksHeard: (data) => `A webhook of ${data.source} came again after ${data.missed} missed ones`,

  NotificationRequested: (data) => `To be told (${data.channel}): ${data.message}`,
  NotificationDelivered: (data) =>
    `Told (${data.channel}${data.how === 'recorded' ? ', recorded only' : ''}): ${data.text}`,
  NotificationDropped: (data) => `Not told (${data.channel}): ${data.reason}`,
};

/** A type that this version does not know shows its name. */
export function describe(event: RecordedEvent): string {
  const wording = (WORDING as Readonly<Record<string, ((data: object) => string) | undefined>>)[event.type];
  return wording ? wording(event.data) : event.type;
}

function by(who: string | null): string {
  return who === null ? '' : ` by ${who}`;
}

function short(sha: string): string {
  return sha.slice(0, 8);
}

function missed(count: number): string {
  return count === 0 ? '' : `; ${count} missed before it`;
}

function files(count: number): string {
  if (count === 0) return '';
  return count === 1 ? ' with 1 artifact' : ` with ${count} artifacts`;
}

function cost(usd: number | null): string {
  return usd === null ? '' : `, ${usd.toFixed(2)} USD`;
}

function dollars(usd: number | null): string {
  return usd === null ? 'an unknown amount' : `${usd.toFixed(2)} USD`;
}

function late(delayMs: number | null): string {
  return delayMs === null ? '' : ` after ${(delayMs / 1000).toFixed(1)} s`;
}

function from(availableAt: string | null): string {
  return availableAt === null ? '' : `, not before ${availableAt}`;
}

import type { AdmissionEvent } from '../domain/admission/events.js';
import type { BreakerEvent } from '../domain/breaker/events.js';
import type { BudgetEvent } from '../domain/budget/events.js';
import type { DeployEvent } from '../domain/deploy/events.js';
import type { InboxEvent } from '../domain/inbox/events.js';
import type { JobEvent } from '../domain/job/events.js';
import type { LandingEvent } from '../domain/landing/events.js';
import type { LeadershipEvent } from '../domain/leadership/events.js';
import type { MergeLeaseEvent } from '../domain/merge-lease/events.js';
import type { NotificationEvent } from '../domain/notification/events.js';
import type { PostDeployEvent } from '../domain/post-deploy/events.js';
import type { SettingsEvent } from '../domain/settings/events.js';
import type { SourceEvent } from '../domain/source/events.js';
import type { TaskEvent, TaskUnblocked } from '../domain/task/events.js';
import type { DomainEvent, RecordedEvent } from '../kernel/event.js';
import { idsOf } from './event-ids.js';
import type { Locale } from './messages/messages.js';
import { unblockSentence } from './unblock-line.js';

export type LineLevel = 'debug' | 'info' | 'warn';

export interface EventLine {
  readonly logger: string;
  readonly level: LineLevel;
  readonly fields: Readonly<Record<string, string | number>>;
  readonly sentence: string;
}

type KnownEvent =
  | AdmissionEvent
  | BreakerEvent
  | BudgetEvent
  | DeployEvent
  | InboxEvent
  | JobEvent
  | LandingEvent
  | LeadershipEvent
  | MergeLeaseEvent
  | NotificationEvent
  | PostDeployEvent
  | SettingsEvent
  | SourceEvent
  // It has a line of its own.
  | Exclude<TaskEvent, TaskUnblocked>;

type Rule<E extends DomainEvent> = readonly [LineLevel | ((data: E['data']) => LineLevel), (data: E['data']) => string];
type Rules = { readonly [Type in KnownEvent['type']]: Rule<Extract<KnownEvent, { type: Type }>> };

/** The one table of what the log of the process says about the facts; a new event does not build before it has its line. */
const RULES: Rules = {
  LeadTaken: ['info', ({ holder, from }) => `${holder} leads${from === null ? '' : `; ${from} was silent`}`],
  LeadResigned: ['info', ({ holder }) => `${holder} no longer leads`],

  TaskOpened: ['info', ({ title, branch }) => `opened as ${branch}: ${title}`],
  TaskAdvanced: ['info', ({ from, to }) => `moved from ${from} to ${to}`],
  TaskSentBack: [
    'warn',
    ({ from, to, retries, reason }) => `sent back from ${from} to ${to} (retry ${retries}): ${reason}`,
  ],
  TaskEscalated: ['warn', ({ stage, retries, reason }) => `escalated in ${stage} after ${retries} retries: ${reason}`],
  TaskCancelled: ['warn', ({ from, reason }) => `cancelled in ${from}: ${reason}`],
  TaskRestarted: ['info', ({ stage, by }) => `restarted in ${stage} by ${by}`],
  WorkRequested: [
    'debug',
    ({ stage, performer, role }) => `${performer === 'agent' ? role : performer} wanted for ${stage}`,
  ],
  WorkFinished: ['debug', ({ stage, by, commit }) => `the work of ${stage} is published by ${by} as ${commit.head}`],
  WorkFailed: ['warn', ({ stage, by, reason }) => `the work of ${stage} by ${by} failed: ${reason}`],
  WorkWithdrawn: ['info', ({ work, reason }) => `work ${work} is no longer wanted: ${reason}`],
  GateCheckRequested: ['debug', ({ stage, gates }) => `the gates of ${stage} are read: ${gates.join(', ')}`],
  GateEvaluated: [
    ({ answer }) => (answer === 'failed' ? 'warn' : 'info'),
    ({ gate, answer, reason }) => `${gate} is ${answer}: ${reason}`,
  ],
  BranchRebased: ['info', ({ from, to, onto }) => `the branch is rebased onto ${onto}: ${from.head} is now ${to.head}`],
  GateCheckAnswered: ['debug', ({ green }) => `the gates are ${green ? 'green' : 'not green'}`],
  ApprovalRequested: ['info', ({ stage }) => `waits for a person's approval in ${stage}`],
  ApprovalGiven: ['info', ({ stage, by }) => `approved in ${stage} by ${by}`],
  ConfirmationRequested: [
    'info',
    ({ commit, note }) => `${note}: waits for a person to confirm the deploy of ${commit.head}`,
  ],
  ConfirmationSent: ['debug', ({ request, sentAt }) => `request ${request} to confirm was sent at ${sentAt}`],
  DeployConfirmed: ['info', ({ commit, by, note }) => `${note}: deploy of ${commit.head} confirmed by ${by}`],
  GestureIgnored: [
    'info',
    ({ gesture, stage, by, reason, note }) =>
      `${note === undefined ? '' : `${note}: `}${gesture} by ${by} in ${stage} has no effect: ${reason}`,
  ],
  ProductionHeld: ['warn', ({ reason }) => `the way to production waits: ${reason}`],
  MergedCodeDiffered: [
    'warn',
    ({ staged, merged }) => `merged as ${merged.head} with code tree ${merged.codeTree}, staged was ${staged.codeTree}`,
  ],
  MergeRequested: [
    'info',
    ({ pullRequest, commit }) => `pull request ${pullRequest} is to be merged at ${commit.head}`,
  ],
  ChangeMerged: ['info', ({ pullRequest, commit }) => `pull request ${pullRequest} is merged as ${commit.head}`],
  MergeRefused: ['warn', ({ pullRequest, reason }) => `pull request ${pullRequest} cannot be merged: ${reason}`],
  PullRequestLeftOpen: [
    'warn',
    ({ pullRequest }) => `pull request ${pullRequest} is open although its change has landed`,
  ],
  PullRequestClosed: ['info', ({ pullRequest, how }) => `pull request ${pullRequest} is ${how} at the forge`],
  ArtifactsMergeRequested: ['debug', ({ after }) => `what the ${after} left is to reach the default branch`],
  ArtifactsMerged: ['info', ({ commit }) => `the artifacts are on the default branch as ${commit}`],
  ArtifactsMergeRefused: ['warn', ({ reason }) => `the artifacts stay on the branch: ${reason}`],
  WorktreeRemoved: ['debug', () => 'the worktree is removed'],
  JobQueued: ['info', ({ jobId, agent, stage }) => `job ${jobId} queued: ${agent} for ${stage}`],
  JobClaimed: ['info', ({ jobId, attempt, worker }) => `job ${jobId} claimed by ${worker}, attempt ${attempt}`],
  RunStarted: ['info', ({ jobId, pid }) => `job ${jobId} runs as process ${pid}`],
  RunEnded: [
    ({ failure }) => (failure ? 'warn' : 'info'),
    ({ jobId, exitCode, failure }) =>
      `the run of job ${jobId} ended with exit code ${exitCode ?? 'unknown'}${failure ? `: ${failure.reason}` : ''}`,
  ],
  RunStopped: ['info', ({ jobId }) => `the run of job ${jobId} is stopped`],
  PublicationFailed: [
    'warn',
    ({ jobId, tries, retryAt, reason }) =>
      `the work of job ${jobId} could not be published (try ${tries}), again at ${retryAt}: ${reason}`,
  ],
  JobSucceeded: ['info', ({ jobId, commit }) => `job ${jobId} succeeded with commit ${commit.head}`],
  JobRequeued: [
    'warn',
    ({ jobId, reason, availableAt }) =>
      `job ${jobId} is queued again${availableAt ? ` from ${availableAt}` : ''}: ${reason}`,
  ],
  JobFailed: ['warn', ({ jobId, reason }) => `job ${jobId} failed: ${reason}`],
  JobCancelled: ['info', ({ jobId, reason }) => `job ${jobId} cancelled: ${reason}`],
  JobSuspected: ['info', ({ jobId, streak, because }) => `job ${jobId} is suspected (${streak} in a row): ${because}`],
  JobSuspicionCleared: ['info', ({ jobId }) => `job ${jobId} is alive after all`],
  JobReaped: [
    'warn',
    ({ jobId, agent, repo, runId, reason }) => `job ${jobId} (${agent}, ${repo}) reaped: ${reason} (run_id=${runId})`,
  ],
  StaleOutcomeRefused: [
    'warn',
    ({ jobId, outcome, fence, currentFence }) =>
      `${outcome} of job ${jobId} came with fence ${fence}, in force is ${currentFence ?? 'none'}: it changed nothing`,
  ],
  TaskEnlisted: ['debug', ({ repo }) => `takes its place in the order of ${repo}`],
  TaskAdmitted: ['info', ({ repo }) => `admitted to analysis in ${repo}`],
  TaskPaused: ['warn', ({ by }) => `paused by ${by}`],
  TaskResumed: ['warn', ({ by }) => `resumed by ${by}`],
  RepoFrozen: ['warn', ({ repo, by, reason }) => `${repo} frozen by ${by} until it is unfrozen by hand: ${reason}`],
  FreezeLifted: ['warn', ({ repo, by, causeIds }) => `${repo} unfrozen by ${by}: ${causeIds.length} cause(s) lifted`],
  DependencyDeclared: ['info', ({ dependsOn, by }) => `depends on ${dependsOn}, says ${by}`],
  DependencyWithdrawn: ['info', ({ dependsOn, by }) => `no longer depends on ${dependsOn}, says ${by}`],
  DependencyEnded: ['debug', ({ repo, dependsOn }) => `${dependsOn} has ended, which ${repo} waited for`],
  AdmissionRequested: ['debug', ({ jobId }) => `job ${jobId} asks to be let into analysis`],
  JobHeld: [
    'info',
    ({ jobId, reasons }) => `job ${jobId} held: ${reasons.map(({ code, ref }) => `${code} ${ref}`).join(', ')}`,
  ],
  JobReleased: ['info', ({ jobId }) => `job ${jobId} let into analysis`],
  GatePartFailed: [
    'warn',
    ({ repo, part, direction, error }) => `the gate of ${repo} cannot answer for ${part} and ${direction}: ${error}`,
  ],
  GatePartRecovered: ['info', ({ repo, part }) => `the gate of ${repo} answers for ${part} again`],
  AdmissionClosed: ['debug', ({ jobId }) => `job ${jobId} waits no more`],
  TaskRetired: ['debug', ({ repo }) => `leaves the order of ${repo}`],
  CostBooked: [
    'debug',
    ({ scope, key, totalUsd }) => `${scope} ${key} has cost ${totalUsd ?? 'an unknown amount'} USD`,
  ],
  BudgetReached: [
    'warn',
    ({ scope, key, totalUsd, limitUsd }) =>
      `the budget of ${scope} ${key} is reached (${totalUsd} of ${limitUsd} USD): no further agent starts`,
  ],
  AgentFailureCounted: ['warn', ({ consecutive, reason }) => `transient failure ${consecutive} in a row: ${reason}`],
  BreakerOpened: ['warn', ({ until, reason }) => `no agent starts before ${until}, then one that probes: ${reason}`],
  AgentsParked: ['warn', ({ until, reason }) => `no agent starts before ${until}: ${reason}`],
  BreakerClosed: ['info', ({ jobId }) => `agents answer again, as job ${jobId} shows`],
  MergeLeaseGranted: [
    'info',
    ({ repo, branch, expiresAt }) => `the merge lease of ${repo} is granted to ${branch} until ${expiresAt}`,
  ],
  MergeLeaseRenewed: ['debug', ({ repo, expiresAt }) => `the merge lease of ${repo} is renewed until ${expiresAt}`],
  MergeLeaseReleased: ['info', ({ repo, reason }) => `the merge lease of ${repo} is released: ${reason}`],
  MergeLeaseReclaimed: [
    'warn',
    ({ repo, branch, reason }) => `the merge lease of ${repo} is reclaimed from ${branch}: ${reason}`,
  ],
  DeployRequested: ['info', ({ environment, revision }) => `deploy of ${revision.head} to ${environment} requested`],
  DeployWithdrawn: ['info', ({ reason }) => `the deploy is not wanted any more: ${reason}`],
  DeployClaimed: ['info', ({ orchestrator }) => `the deploy is taken on by ${orchestrator}`],
  DeployStarted: ['info', ({ pid }) => `the deploy hook runs as process ${pid}`],
  DeployStartFailed: ['warn', ({ reason }) => `the deploy hook cannot be started: ${reason}`],
  DeployFinished: [
    ({ verdict }) => (verdict === 'FAILED' ? 'warn' : 'info'),
    ({ environment, verdict, reason }) => `deploy to ${environment}: ${verdict} (${reason})`,
  ],
  DeployLogPublished: ['debug', ({ stage, commit }) => `the deploy log of ${stage} is published as ${commit.head}`],
  ReleaseAnnounced: ['debug', ({ repo, revision }) => `production of ${repo} is about to become ${revision.head}`],
  WatchArmed: [
    'info',
    ({ repo, schedule }) => `production of ${repo} is watched until ${schedule.until}, ${schedule.checks} checks`,
  ],
  ProductionProbed: [
    ({ answer }) => (answer === 'ok' ? 'debug' : 'warn'),
    ({ repo, check, answer, detail }) => `check ${check} of the production of ${repo}: ${answer} (${detail})`,
  ],
  WatchEnded: [
    ({ status }) => (status === 'HEALTHY' ? 'info' : 'warn'),
    ({ repo, status, action, reason, actionReason }) =>
      `production of ${repo} is ${status} (action ${action}): ${reason}${actionReason === null ? '' : `; ${actionReason}`}`,
  ],
  RollbackOrdered: ['warn', ({ repo, from, to }) => `${repo} goes back in production from ${from.head} to ${to.head}`],
  RollbackFailed: ['warn', ({ repo, reason }) => `the rollback of ${repo} failed, a person must look: ${reason}`],
  WatchLogPublished: ['debug', ({ head }) => `the log of the watch is published as ${head}`],
  DeliveryReceived: ['debug', ({ source, event }) => `${source} delivered ${event}`],
  DeliveryHandled: ['debug', ({ result }) => `the delivery is handled: ${result}`],
  StatusEntered: ['info', ({ toKey, toId, by, via }) => `entered ${toKey ?? toId} by ${by ?? 'somebody'} (${via})`],
  TaskRequested: ['info', ({ title }) => `a task is wanted: ${title}`],
  ItemVanished: ['warn', ({ itemId }) => `the tracker no longer knows the item ${itemId}`],
  TaskLostItem: ['warn', ({ workItem }) => `${workItem} is gone from the tracker; its task is paused`],
  NotificationRequested: ['debug', ({ channel, message }) => `to be told on ${channel}: ${message}`],
  NotificationDelivered: ['debug', ({ channel, how, text }) => `${how} on ${channel}: ${text}`],
  NotificationDropped: ['warn', ({ channel, reason }) => `nobody is told on ${channel}: ${reason}`],
  ChangeNoticed: ['debug', ({ source, subject, via }) => `a change of ${subject} in ${source} is noticed by ${via}`],
  WebhooksMissed: [
    'warn',
    ({ source, missed, since }) =>
      `${missed} changes in ${source} were found by polling since ${since}, and no webhook came: look whether its hook is active`,
  ],
  WebhooksHeard: ['info', ({ source, missed }) => `a webhook of ${source} came again, ${missed} were missed`],
  SettingsChanged: ['info', ({ version, hash }) => `settings ${hash.slice(0, 12)} of version ${version} are in force`],
};

/** Null for a type that this version does not know. */
export function lineOf(event: RecordedEvent, locale: Locale = 'en'): EventLine | null {
  if (event.type === 'TaskUnblocked') {
    const sentence = unblockSentence((event as RecordedEvent<TaskUnblocked>).data, locale);
    return { level: 'info', logger: 'reconciler', fields: idsOf(event), sentence };
  }
  if (!Object.hasOwn(RULES, event.type)) return null;
  // The type names the rule, and the rule knows the data of its type.
  const [level, sentence] = RULES[event.type as KnownEvent['type']] as unknown as Rule<DomainEvent>;
  const fields = idsOf(event);
  const subject = 'work_item' in fields ? `${fields['work_item']}: ` : '';
  return {
    logger: loggerOf(event),
    level: typeof level === 'function' ? level(event.data) : level,
    fields,
    sentence: `${subject}${sentence(event.data)}`,
  };
}

const REAPER: ReadonlySet<string> = new Set(['JobSuspected', 'JobSuspicionCleared', 'JobReaped']);

/** Whoever searches the log by the mechanism finds its facts under the same name as its own words (OBS-07). */
function loggerOf({ type, stream, metadata }: RecordedEvent): string {
  if (REAPER.has(type) || metadata.actor === 'policy:reaper') return 'orchestrator.job_reaper';
  if (metadata.actor === 'policy:reconciler') return 'orchestrator.reconciler';
  return stream.startsWith('admission-') ? 'orchestrator.serial_gate' : 'orchestrator.events';
}

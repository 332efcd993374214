/** When an intent counts as settled, and which of its events ask for an effect at all. */
export interface EffectIntent {
  /** Types that settle it, when their `$causationId` is the id of the intent. */
  readonly outcomes: readonly string[];
  /** Absent: every event of the type is an intent. */
  readonly opensFor?: (data: object) => boolean;
}

const ENDS_OF_AN_ATTEMPT = ['JobRequeued', 'JobFailed', 'JobCancelled', 'JobReaped', 'StaleOutcomeRefused'] as const;

/**
 * Every event that asks for something to be done to the world. The id of the event is the id of the effect; while no
 * outcome names it as its cause, the effect is open and is taken up again after a restart.
 */
export const EFFECT_INTENTS: Readonly<Record<string, EffectIntent>> = {
  GateCheckRequested: {
    outcomes: [
      'GateEvaluated',
      'GateCheckAnswered',
      'TaskAdvanced',
      'TaskSentBack',
      'TaskEscalated',
      'ApprovalRequested',
    ],
  },
  MergeRequested: { outcomes: ['ChangeMerged', 'MergeRefused'] },
  PullRequestLeftOpen: { outcomes: ['PullRequestClosed'] },
  ArtifactsMergeRequested: { outcomes: ['ArtifactsMerged', 'ArtifactsMergeRefused'] },
  JobClaimed: { outcomes: ['RunEnded', ...ENDS_OF_AN_ATTEMPT] },
  RunEnded: {
    outcomes: ['JobSucceeded', 'PublicationFailed', ...ENDS_OF_AN_ATTEMPT],
    opensFor: (data) => 'failure' in data && data.failure === null,
  },
  PublicationFailed: { outcomes: ['JobSucceeded', 'PublicationFailed', ...ENDS_OF_AN_ATTEMPT] },
  JobCancelled: {
    outcomes: ['RunStopped'],
    opensFor: (data) => 'runId' in data && data.runId !== null,
  },
  JobReaped: { outcomes: ['RunStopped'] },
  WorkRequested: {
    outcomes: ['DeployRequested', 'DeployWithdrawn'],
    opensFor: (data) => 'performer' in data && data.performer === 'production-hook',
  },
  DeployRequested: { outcomes: ['DeployFinished', 'DeployStartFailed'] },
  // What came of a rollback stands in the log of the watch.
  DeployFinished: {
    outcomes: ['DeployLogPublished'],
    opensFor: (data) => 'action' in data && data.action !== 'rollback',
  },
  WatchEnded: { outcomes: ['WatchLogPublished'] },
  RollbackFailed: { outcomes: ['WatchLogPublished'] },
  TaskAdvanced: { outcomes: ['WorktreeRemoved'], opensFor: (data) => 'to' in data && data.to === 'done' },
  TaskCancelled: { outcomes: ['WorktreeRemoved'] },
  NotificationRequested: { outcomes: ['NotificationDelivered', 'NotificationDropped'] },
  DeliveryReceived: { outcomes: ['DeliveryHandled'] },
};

export function isEffectIntent(event: { readonly type: string; readonly data: object }): boolean {
  const intent = EFFECT_INTENTS[event.type];
  return intent !== undefined && (intent.opensFor?.(event.data) ?? true);
}

export function settles(intentType: string, outcomeType: string): boolean {
  return EFFECT_INTENTS[intentType]?.outcomes.includes(outcomeType) ?? false;
}

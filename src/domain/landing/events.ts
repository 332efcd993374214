import type { DomainEvent } from '../../kernel/event.js';

interface LandedItem {
  readonly workItem: string;
  readonly repo: string;
}

/** Intent: the change is on the default branch, and its pull request is open at the forge all the same. */
export type PullRequestLeftOpen = DomainEvent<
  'PullRequestLeftOpen',
  LandedItem & {
    readonly pullRequest: number;
    /** The commit by which the default branch came to contain the change. */
    readonly commit: string;
  }
>;

export type PullRequestClosed = DomainEvent<
  'PullRequestClosed',
  LandedItem & {
    readonly pullRequest: number;
    /** `merged`: the forge has it down as merged; `closed`: it allows no more than that. */
    readonly how: 'merged' | 'closed';
  }
>;

/** Intent: bring what was written after the merge to the default branch, and nothing else. */
export type ArtifactsMergeRequested = DomainEvent<
  'ArtifactsMergeRequested',
  LandedItem & {
    /** What was written: the log of the deploy, or that of the watch over production. */
    readonly after: 'deploy' | 'post-deploy';
  }
>;

/** The default branch contains the branch with its artifacts; read from git. */
export type ArtifactsMerged = DomainEvent<
  'ArtifactsMerged',
  LandedItem & { readonly head: string; readonly commit: string }
>;

/** They stay on the branch of the task, which is kept. */
export type ArtifactsMergeRefused = DomainEvent<'ArtifactsMergeRefused', LandedItem & { readonly reason: string }>;

export type LandingEvent =
  PullRequestLeftOpen | PullRequestClosed | ArtifactsMergeRequested | ArtifactsMerged | ArtifactsMergeRefused;

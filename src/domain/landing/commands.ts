import { Command } from '../../kernel/command.js';
import type {
  ArtifactsMerged,
  ArtifactsMergeRefused,
  ArtifactsMergeRequested,
  PullRequestClosed,
  PullRequestLeftOpen,
} from './events.js';

export class ReportPullRequestLeftOpen extends Command<PullRequestLeftOpen['data']> {
  readonly type = 'ReportPullRequestLeftOpen';
}

export class ReportPullRequestClosed extends Command<PullRequestClosed['data']> {
  readonly type = 'ReportPullRequestClosed';
}

export class RequestArtifactsMerge extends Command<ArtifactsMergeRequested['data']> {
  readonly type = 'RequestArtifactsMerge';
}

export class ReportArtifactsMerged extends Command<ArtifactsMerged['data']> {
  readonly type = 'ReportArtifactsMerged';
}

export class ReportArtifactsMergeRefused extends Command<ArtifactsMergeRefused['data']> {
  readonly type = 'ReportArtifactsMergeRefused';
}

export type LandingCommand =
  | ReportPullRequestLeftOpen
  | ReportPullRequestClosed
  | RequestArtifactsMerge
  | ReportArtifactsMerged
  | ReportArtifactsMergeRefused;

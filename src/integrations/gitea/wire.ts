/** The parts of Gitea's REST v1 and webhook bodies that are read or written here. The real bodies carry more keys. */

export interface GiteaUser {
  readonly login: string;
}

export interface GiteaRepository {
  readonly id: number;
  readonly name: string;
  readonly full_name: string;
}

/** `head` or `base` of a pull request. */
export interface GiteaPullSide {
  readonly ref: string;
  readonly sha: string;
  /** Differs between the sides when the pull request comes from a fork. */
  readonly repo_id: number;
}

export interface GiteaPullRequest {
  readonly number: number;
  readonly title: string;
  readonly state: 'open' | 'closed';
  readonly merged: boolean;
  readonly merge_commit_sha: string | null;
  readonly head: GiteaPullSide;
  readonly base: GiteaPullSide;
}

export interface GiteaNewPullRequest {
  readonly head: string;
  readonly base: string;
  readonly title: string;
  readonly body: string;
}

export interface GiteaReview {
  readonly user: GiteaUser | null;
  /** `APPROVED`, `REQUEST_CHANGES`, `COMMENT`, `PENDING`, `REQUEST_REVIEW`. */
  readonly state: string;
  readonly commit_id: string;
  readonly dismissed: boolean;
}

/** One status of a commit. The key is `status` here; in the envelope and in webhooks it is `state`. */
export interface GiteaCommitStatus {
  readonly status: string;
  readonly context: string;
}

/** With no status at all: `state` is empty and `statuses` is null. */
export interface GiteaCombinedStatus {
  readonly state: string;
  readonly sha: string;
  readonly total_count: number;
  readonly statuses: readonly GiteaCommitStatus[] | null;
}

export interface GiteaMerge {
  readonly Do: 'merge' | 'rebase' | 'rebase-merge' | 'squash' | 'fast-forward-only' | 'manually-merged';
  readonly MergeTitleField?: string;
  readonly MergeMessageField?: string;
  /** Without it whatever is the head by then would be merged. */
  readonly head_commit_id: string;
  readonly delete_branch_after_merge: boolean;
}

/** Marks as merged what git has merged already; the repository's settings have to allow it. */
export interface GiteaManualMerge {
  readonly Do: 'manually-merged';
  readonly MergeCommitID: string;
}

export interface GiteaPullRequestEdit {
  readonly state: 'open' | 'closed';
}

/** The form of nearly every error; `message` is empty in a 500 for callers that are not site administrators. */
export interface GiteaError {
  readonly message?: string;
  readonly url?: string;
}

/** A conflict in a merge is written as the error struct itself: capitalised keys, no `message`. */
export interface GiteaMergeConflict {
  readonly Style: string;
  readonly StdOut: string;
  readonly StdErr: string;
}

interface GiteaWebhook {
  readonly repository: GiteaRepository;
  readonly sender: GiteaUser;
}

/** A new branch has zeros in `before`; a deletion sends no push at all. */
export interface GiteaPush extends GiteaWebhook {
  readonly ref: string;
  readonly before: string;
  readonly after: string;
  readonly pusher?: GiteaUser;
}

/** `ref` is the short name, unlike in a push. */
export interface GiteaCreate extends GiteaWebhook {
  readonly sha: string;
  readonly ref: string;
  readonly ref_type: string;
}

export interface GiteaDelete extends GiteaWebhook {
  readonly ref: string;
  readonly ref_type: string;
}

/** All sub-events: opened, synchronized, reviewed, …; a merge is `closed` with `merged`. */
export interface GiteaPullRequestEvent extends GiteaWebhook {
  readonly action: string;
  readonly number: number;
  readonly pull_request: GiteaPullRequest;
}

/** Names no branch and no pull request: map it by `sha`. */
export interface GiteaStatusEvent extends GiteaWebhook {
  readonly sha: string;
  readonly state: string;
  readonly context: string;
}

/** `head_branch` is missing for the run of a pull request. */
export interface GiteaWorkflowSubject {
  readonly head_sha: string;
  readonly head_branch?: string;
  readonly status: string;
  readonly conclusion?: string;
}

export interface GiteaWorkflowRunEvent extends GiteaWebhook {
  readonly action: string;
  readonly workflow_run: GiteaWorkflowSubject;
}

export interface GiteaWorkflowJobEvent extends GiteaWebhook {
  readonly action: string;
  readonly workflow_job: GiteaWorkflowSubject;
}

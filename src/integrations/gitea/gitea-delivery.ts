import type { ForgeDelivery } from '../forge.js';
import { signatureHolds } from '../wire/signature.js';
import { isRecord, numberIn, textIn, valueIn } from '../wire/untrusted.js';
import { isFromFork } from './gitea-bodies.js';

/** `X-Gitea-Event` and `X-Gitea-Event-Type`. */
export interface GiteaEventHeaders {
  readonly event: string | undefined;
  readonly eventType: string | undefined;
}

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;
type Reader = (repo: string, actor: string, body: unknown) => ForgeDelivery;

const NO_COMMIT = /^0+$/;

/** The bare event, `_sync` for new commits, the reviews. Labels, assignees and milestones change nothing for the pipeline. */
const READERS: Readonly<Record<string, Reader>> = {
  push,
  create,
  // What a branch held is still in the pull request, which is closed with an event of its own.
  delete: (repo, _actor, body) =>
    ignored(
      `${textIn(body, 'ref_type') ?? 'something'} ${textIn(body, 'ref') ?? ''} of ${repo} was deleted; nothing follows from it`,
    ),
  status,
  workflow_run: (repo, actor, body) => workflow(repo, actor, valueIn(body, 'workflow_run')),
  workflow_job: (repo, actor, body) => workflow(repo, actor, valueIn(body, 'workflow_job')),
  pull_request: pullRequest,
  pull_request_sync: pullRequest,
  pull_request_review_request: pullRequest,
  pull_request_review_approved: pullRequest,
  pull_request_review_rejected: pullRequest,
  pull_request_review_comment: pullRequest,
};

/**
 * The event type decides, because `X-Gitea-Event: pull_request_comment` means a review with a comment, and
 * `X-Gitea-Event-Type: pull_request_comment` a comment in the conversation. A repository of another owner is none of ours,
 * whatever its name; null takes every owner.
 */
export function readGiteaDelivery(
  { event, eventType }: GiteaEventHeaders,
  body: unknown,
  ourOwner: string | null = null,
): ForgeDelivery {
  const type = eventType ?? event ?? '';
  const read = readerOf(type);
  if (!read) return ignored(`nothing listens to the event "${type}"`);
  const repo = textIn(body, 'repository', 'name');
  if (!isRecord(body) || repo === null) return ignored(`the event "${type}" names no repository`);
  return foreignTo(ourOwner, body, repo) ?? read(repo, senderIn(body), body);
}

function readerOf(type: string): Reader | undefined {
  return Object.hasOwn(READERS, type) ? READERS[type] : undefined;
}

/** A forge compares names without regard to case. */
function foreignTo(ourOwner: string | null, body: unknown, repo: string): ForgeDelivery | null {
  const owner = ownerIn(body) ?? '';
  if (ourOwner === null || owner.toLowerCase() === ourOwner.toLowerCase()) return null;
  return ignored(`the repository ${owner}/${repo} is not one of ${ourOwner}`);
}

function senderIn(body: unknown): string {
  return textIn(body, 'sender', 'login') ?? 'unknown';
}

function ownerIn(body: unknown): string | null {
  return textIn(body, 'repository', 'owner', 'login') ?? textIn(body, 'repository', 'full_name')?.split('/')[0] ?? null;
}

/** The header without a prefix, or the one in GitHub's form where a proxy lets only that through. */
export function giteaSignatureHolds(secret: string, rawBody: Buffer, headers: Headers): boolean {
  const own = headers['x-gitea-signature'];
  if (own !== undefined) return typeof own === 'string' && signatureHolds(secret, rawBody, own);
  const hub = headers['x-hub-signature-256'];
  return typeof hub === 'string' && hub.startsWith('sha256=') && signatureHolds(secret, rawBody, hub.slice(7));
}

function push(repo: string, sender: string, body: unknown): ForgeDelivery {
  const [ref, head] = [textIn(body, 'ref') ?? '', textIn(body, 'after')];
  if (!ref.startsWith('refs/heads/')) return ignored(`"${ref}" is not a branch`);
  if (head === null || NO_COMMIT.test(head)) return ignored('the branch was deleted');
  const actor = textIn(body, 'pusher', 'login') ?? sender;
  return { kind: 'branch-moved', repo, branch: ref.slice('refs/heads/'.length), head, actor };
}

/** The name is short here, unlike in a push. */
function create(repo: string, actor: string, body: unknown): ForgeDelivery {
  const [branch, head] = [textIn(body, 'ref'), textIn(body, 'sha')];
  if (textIn(body, 'ref_type') !== 'branch') return ignored('what was created is not a branch');
  if (branch === null || head === null) return ignored('the event "create" names no branch or no commit');
  return { kind: 'branch-moved', repo, branch, head, actor };
}

/** Names neither branch nor pull request: both follow from the commit. */
function status(repo: string, actor: string, body: unknown): ForgeDelivery {
  const sha = textIn(body, 'sha');
  if (sha === null) return ignored('the event "status" names no commit');
  return { kind: 'checks-changed', repo, sha, branch: null, actor };
}

/** The branch is missing in the run of a pull request. */
function workflow(repo: string, actor: string, subject: unknown): ForgeDelivery {
  const sha = textIn(subject, 'head_sha');
  if (sha === null) return ignored('the workflow names no commit');
  return { kind: 'checks-changed', repo, sha, branch: textIn(subject, 'head_branch'), actor };
}

function pullRequest(repo: string, actor: string, body: unknown): ForgeDelivery {
  const pull = valueIn(body, 'pull_request');
  const [number, branch] = [numberIn(pull, 'number') ?? numberIn(body, 'number'), textIn(pull, 'head', 'ref')];
  if (number === null || branch === null) return ignored('the event names no pull request or no branch');
  if (isFromFork(pull)) return ignored(`pull request ${number} comes from a fork`);
  return { kind: 'pull-request-changed', repo, number, branch, merged: valueIn(pull, 'merged') === true, actor };
}

function ignored(reason: string): ForgeDelivery {
  return { kind: 'ignored', reason };
}

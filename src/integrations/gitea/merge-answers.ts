import type { MergeAnswer } from '../forge.js';
import { textIn } from '../wire/untrusted.js';

/**
 * What the answer to a merge means. A refusal is told apart by its text, because one status stands for many. A 5xx is
 * unknown and never a refusal: the merge may have landed in git before the server failed.
 */
export function readMergeAnswer(status: number, body: unknown): MergeAnswer {
  const read = READERS.get(status);
  if (read) return read(body);
  const isRefusal = status >= 300 && status < 500 && status !== 408;
  return isRefusal ? refused(saidBy(body)) : { kind: 'unknown', reason: `status ${status}, ${saidBy(body)}` };
}

const READERS: ReadonlyMap<number, (body: unknown) => MergeAnswer> = new Map([
  [200, () => ({ kind: 'merged' }) as const],
  [201, () => notYet('the forge has only scheduled the merge')],
  [404, () => refused('the pull request does not exist or was closed without a merge')],
  [405, notAllowed],
  [409, conflict],
  // Says nothing about the pull request, so it is asked again for as long as it takes.
  [429, () => ({ kind: 'unknown', reason: 'the forge takes no more calls right now' }) as const],
]);

/** Up to 1.25 the message for "already merged" is empty. */
function notAllowed(body: unknown): MergeAnswer {
  const message = textIn(body, 'message');
  if (message === null || message === 'The PR is already merged') return { kind: 'already-merged' };
  // The conflict check is still running, or it has found a conflict: the forge does not tell which.
  if (message === 'Please try again later') return notYet('the forge does not consider it mergeable (yet)');
  return refused(message);
}

function conflict(body: unknown): MergeAnswer {
  const message = textIn(body, 'message');
  if (message === 'merge push out of date') return notYet('the base branch moved during the merge');
  if (message === 'head out of date') return refused('the head of the pull request is not the expected commit');
  return refused(message ?? conflictingFiles(body));
}

/** The error struct itself is written here: capitalised keys, and what git printed. */
function conflictingFiles(body: unknown): string {
  const printed = `${textIn(body, 'StdOut') ?? ''}\n${textIn(body, 'StdErr') ?? ''}`;
  const files = [...printed.matchAll(/^CONFLICT \([^)]*\):.*? in (.+)$/gm)].map(([, file]) => file);
  return files.length === 0 ? 'conflict with the base branch' : `conflict in ${[...new Set(files)].join(', ')}`;
}

function saidBy(body: unknown): string {
  return textIn(body, 'message') ?? 'no reason was given';
}

function notYet(reason: string): MergeAnswer {
  return { kind: 'not-yet', reason };
}

function refused(reason: string): MergeAnswer {
  return { kind: 'refused', reason };
}

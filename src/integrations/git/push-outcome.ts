export type PushFailure =
  { readonly kind: 'rejected'; readonly reason: string } | { readonly kind: 'unavailable'; readonly reason: string };

/** The remote's own trouble, worded as a refusal of the branch: it may pass (gitprotocol-pack, `receive-pack.c`). */
const REMOTE_TROUBLE =
  /unpacker error|unpack failed|remote failure|failed to (update|lock) ref|internal (server )?error/i;
const FORBIDDEN = /returned error: 403|permission to .* denied|pre-receive hook declined/i;

/** What a push that ended with an error came to; `stdout` is in git's porcelain format. */
export function classifyPushFailure(stdout: string, stderr: string): PushFailure {
  const refused = stdout.split('\n').find((line) => line.startsWith('!'));
  const words = remoteWords(stderr);
  if (refused !== undefined && !REMOTE_TROUBLE.test(refused)) {
    return { kind: 'rejected', reason: [refused.split('\t')[2] ?? refused, ...words].join(' · ') };
  }
  if (FORBIDDEN.test(stderr)) return { kind: 'rejected', reason: lastLines(stderr) };
  return { kind: 'unavailable', reason: [refused, lastLines(stderr)].filter(Boolean).join(' · ') };
}

/** What the forge or its hook said to the person who pushes. */
function remoteWords(stderr: string): string[] {
  return stderr
    .split('\n')
    .filter((line) => line.startsWith('remote: '))
    .map((line) => line.slice('remote: '.length).trim())
    .filter((line) => line !== '')
    .slice(0, 5);
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-3).join(' · ');
}

import type { GitCall } from './git.js';

export interface RemoteCredentials {
  readonly username: string;
  readonly token: string;
}

/** The helper is a text without a secret; the secret is in the environment of the one git process that talks to the forge. */
const HELPER =
  '!f() { test "$1" = get && printf "username=%s\\npassword=%s\\n" "$ORCH_GIT_USERNAME" "$ORCH_GIT_TOKEN"; }; f';

/**
 * What a fetch or a push is given besides. The helper is bound to the forge's own address, so that a redirect cannot carry
 * the token elsewhere; a path or an ssh address needs none.
 */
export function remoteAccess(url: string, credentials: RemoteCredentials | null): Pick<GitCall, 'config' | 'env'> {
  const origin = httpOrigin(url);
  if (credentials === null || origin === null) return {};
  return {
    config: [
      ['credential.helper', ''],
      [`credential.${origin}.helper`, HELPER],
    ],
    env: { ORCH_GIT_USERNAME: credentials.username, ORCH_GIT_TOKEN: credentials.token },
  };
}

function httpOrigin(url: string): string | null {
  return /^https?:\/\//i.test(url) ? new URL(url).origin : null;
}

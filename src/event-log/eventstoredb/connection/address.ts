import { LogUnavailable } from '../../errors.js';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** A connection string, taken apart as far as we have to know it. */
export interface Address {
  /** As the client reads it. Never said to anybody. */
  readonly connectionString: string;
  /** For log lines and errors: no user, no password. */
  readonly shown: string;
  readonly credentials: Credentials;
}

/** On an insecure channel the client sends none; naming some makes it use the calls that have a deadline. */
const NOBODY: Credentials = { username: 'nobody', password: 'nothing' };
const SCHEME = /^(?:esdb|kdb|kurrent|kurrentdb)(\+discover)?:\/\//;

export function parseAddress(text: string): Address {
  const [scheme, discover = ''] = SCHEME.exec(text) ?? [];
  const shown = withoutUser(text);
  if (scheme === undefined) throw new LogUnavailable(`ORCH_EVENTSTORE_URL is ${shown}: it begins with esdb://`);
  const [authority = '', ...rest] = text.slice(scheme.length).split(/(?=[/?])/);
  const credentials = credentialsIn(authority);
  const isSecure = !/[?&]tls=false(?:&|$)/i.test(text);
  if (isSecure && !credentials)
    throw new LogUnavailable(`ORCH_EVENTSTORE_URL is ${shown}: with TLS it names a user, esdb://user:password@host`);
  // The successor's schemes say the same on the wire, and this client knows its own only.
  const connectionString = `esdb${discover}://${authority}${rest.join('')}`;
  return { connectionString, shown, credentials: credentials ?? NOBODY };
}

/** Also where what follows is no address at all: a password is never shown. */
export function withoutUser(text: string): string {
  return text.replace(/^([a-z+]+:\/\/)?[^/?]*@/i, '$1');
}

function credentialsIn(authority: string): Credentials | null {
  const at = authority.lastIndexOf('@');
  if (at < 0) return null;
  const [username = '', ...password] = authority.slice(0, at).split(':');
  return { username: decoded(username), password: decoded(password.join(':')) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

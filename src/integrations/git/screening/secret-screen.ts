import { PushRejected } from '../../worktrees.js';
import type { Mirror } from '../mirror.js';
import { CredentialFinder } from './credentials.js';
import { newBlobs, type NewBlob } from './new-blobs.js';

const NAMED_MAX = 5;

/**
 * The security gate: nothing with a credential in it leaves for the forge, not even in a commit that a later one corrects, for what was
 * pushed once is known. A credential that the branch's starting point holds already in that file is not this run's doing.
 */
export class SecretScreen {
  private readonly finder: CredentialFinder;

  constructor(ownSecrets: readonly string[]) {
    this.finder = new CredentialFinder(ownSecrets);
  }

  /** Refuses as the forge would refuse a push: a final no, with the places. */
  async admit(mirror: Mirror, push: { readonly branch: string; readonly head: string; readonly since: string }) {
    const places: string[] = [];
    for (const blob of await newBlobs(mirror, push.head))
      places.push(...(await this.placesIn(mirror, blob, push.since)));
    if (places.length === 0) return;
    const named = places.slice(0, NAMED_MAX).join('; ');
    const more = places.length > NAMED_MAX ? ` and ${places.length - NAMED_MAX} more` : '';
    throw new PushRejected(
      push.branch,
      `the work holds what looks like a credential: ${named}${more}. Take it out of every commit and read it from the environment instead`,
    );
  }

  private async placesIn(mirror: Mirror, { path, text }: NewBlob, since: string): Promise<readonly string[]> {
    const found = await this.finder.credentialsIn(path, text);
    if (found.length === 0) return [];
    const known = (await mirror.read(`${since}:${path}`))?.bytes.toString('utf8') ?? '';
    return found.filter((one) => !known.includes(one.text)).map(({ kind, line }) => `${kind} in ${path}, line ${line}`);
  }
}

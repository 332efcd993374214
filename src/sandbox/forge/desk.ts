import type { Faults } from '../faults.js';
import type { JsonState } from '../json-state.js';
import type { BareRepository } from './git/bare-repository.js';
import type { ForgeOutbox } from './outbox.js';
import type { ForgeAccount, ForgeState, Repository } from './state.js';
import { SandboxBroken } from '../sandbox-broken.js';

export interface ForgeSettings {
  /** How long the conflict check of a pull request takes after every push to its head or base. */
  mergeCheckMs: number;
  /**
   * A conflict is answered with 405 "Please try again later" once the conflict check has seen it, and with 409 and git's words
   * when the merge itself runs into it. 409 says more; 405 is what callers have to survive.
   */
  conflictsAnswer: 405 | 409;
}

/** What every part of the forge works on. */
export interface ForgeDesk {
  readonly state: JsonState<ForgeState>;
  readonly faults: Faults;
  readonly outbox: ForgeOutbox;
  /** The forge's own runner; woken when there is something to test. */
  readonly ci: { wake(): void; close(): Promise<void> };
  readonly settings: ForgeSettings;
  baseUrl: string;
  git(repository: Repository): BareRepository;
  /** One writer per repository at a time: what moved its branches can then be told apart. */
  alone<T>(repository: Repository, work: () => Promise<T>): Promise<T>;
}

export function accountByLogin(desk: ForgeDesk, login: string): ForgeAccount {
  const account = desk.state.value.accounts.find((candidate) => candidate.login === login);
  if (!account) throw new SandboxBroken(`the forge has no account ${login}`);
  return account;
}

export function repositoryByName(desk: ForgeDesk, owner: string, name: string): Repository | undefined {
  if (owner !== desk.state.value.owner) return undefined;
  return desk.state.value.repositories.find((repository) => repository.name === name);
}

export function nextId(desk: ForgeDesk): number {
  return desk.state.change((state) => state.nextId++);
}

/** Runs work on the same key one after another, whatever becomes of it. */
export function lockByKey(): <T>(key: string, work: () => Promise<T>) => Promise<T> {
  const tails = new Map<string, Promise<unknown>>();
  return <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const turn = (tails.get(key) ?? Promise.resolve()).then(work);
    tails.set(
      key,
      turn.catch(() => undefined),
    );
    return turn;
  };
}

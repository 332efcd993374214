import type { Availability } from '../../kernel/outside/availability.js';
import { ForgeUnavailable } from '../forge.js';
import { JsonHttp, NoAnswer } from '../wire/json-http.js';
import type { HttpAnswer } from '../wire/json-http.js';
import { goodAnswer } from './gitea-answer.js';

export interface GiteaConnection {
  readonly url: string;
  readonly token: string;
  readonly owner: string;
  readonly timeoutMs: number;
  readonly availability?: Availability;
}

/** The most that a server gives; one that is set to less cuts without a word. */
const LIMIT = 50;
const PAGES_MAX = 2_000;

/** One conversation with Gitea's REST v1: addresses, pages, errors. */
export class GiteaApi {
  private readonly http: JsonHttp;
  private readonly owner: string;

  constructor({ url, token, owner, timeoutMs, availability }: GiteaConnection) {
    const headers = { authorization: `token ${token}` };
    const server = { url: url.replace(/\/+$/, ''), headers, timeoutMs };
    this.http = new JsonHttp({ ...server, ...(availability && { availability }) });
    this.owner = owner;
  }

  repoPath(repo: string): string {
    return `/api/v1/repos/${encodeURIComponent(this.owner)}/${encodeURIComponent(repo)}`;
  }

  /** Slashes of the name stay slashes of the address; everything else that means something there is encoded. */
  branchPath(repo: string, branch: string): string {
    return `${this.repoPath(repo)}/branches/${branch.split('/').map(encodeURIComponent).join('/')}`;
  }

  async get(path: string): Promise<unknown> {
    return goodAnswer(`GET ${path}`, await this.answerTo('GET', path)).body;
  }

  async send(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<unknown> {
    return goodAnswer(`${method} ${path}`, await this.answerTo(method, path, body)).body;
  }

  /** The answer as it is, for a call whose refusals mean something. */
  async answerTo(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<HttpAnswer> {
    try {
      return await this.http.call(method, path, body);
    } catch (error) {
      if (error instanceof NoAnswer) throw new ForgeUnavailable(error.message, error.retryAfterMs, { cause: error });
      throw error;
    }
  }

  /**
   * Every page. Neither the length of a page nor a missing `Link` says that it is the last one: the server may be set
   * to fewer than we ask for. Only the total does, or an empty page.
   */
  async all<T>(path: string, listIn: (body: unknown) => readonly T[] | null): Promise<readonly T[]> {
    const found: T[] = [];
    for (let page = 1; page <= PAGES_MAX; page++) {
      const call = `${path}${path.includes('?') ? '&' : '?'}page=${page}&limit=${LIMIT}`;
      const answer = goodAnswer(`GET ${call}`, await this.answerTo('GET', call));
      const list = listIn(answer.body);
      if (list === null) throw new ForgeUnavailable(`GET ${call} was answered without a list`);
      found.push(...list);
      if (list.length === 0 || found.length >= totalOf(answer)) return found;
    }
    throw new ForgeUnavailable(`GET ${path} has more than ${PAGES_MAX} pages`);
  }
}

function totalOf({ headers }: HttpAnswer): number {
  const total = headers['x-total-count'];
  return typeof total === 'string' && /^\d+$/.test(total) ? Number(total) : Infinity;
}

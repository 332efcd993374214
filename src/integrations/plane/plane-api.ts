import type { Availability } from '../../kernel/outside/availability.js';
import type { Clock } from '../../kernel/clock.js';
import { JsonHttp, NoAnswer, retryAfterMsOf } from '../wire/json-http.js';
import type { HttpAnswer } from '../wire/json-http.js';
import { TrackerUnavailable } from '../tracker.js';
import { textIn, valueIn } from '../wire/untrusted.js';
import { CallBudget } from './call-budget.js';
import type { Urgency } from './call-budget.js';
import { bodyOf } from './plane-answer.js';

export interface PlaneConnection {
  readonly url: string;
  readonly token: string;
  readonly workspace: string;
  readonly rateLimitPerMin: number;
  readonly timeoutMs: number;
  readonly availability?: Availability;
  /** Only differences are used; the limit of the server runs in real time whatever the product's clock says. */
  readonly clock?: Clock;
}

/** Waiting longer than this for the budget is the caller's decision, not ours. */
const PATIENCE_MS = 5_000;
/** What every edition accepts: the community edition allows 1000, the cloud 100. */
const PER_PAGE = 100;

/** One conversation with Plane's REST v1: trailing slashes, budget, pages, errors. */
export class PlaneApi {
  private readonly http: JsonHttp;
  private readonly budget: CallBudget;
  readonly workspacePath: string;

  constructor(connection: PlaneConnection) {
    const { url, token, timeoutMs, workspace, rateLimitPerMin, availability } = connection;
    const server = { url: url.replace(/\/+$/, ''), headers: { 'x-api-key': token }, timeoutMs };
    this.http = new JsonHttp({ ...server, ...(availability && { availability }) });
    this.budget = new CallBudget(rateLimitPerMin, connection.clock ?? { now: () => performance.now() });
    this.workspacePath = `/api/v1/workspaces/${encodeURIComponent(workspace)}`;
  }

  async get(path: string, urgency: Urgency): Promise<unknown> {
    return bodyOf(`GET ${path}`, ...(await this.answerTo('GET', path, { urgency })));
  }

  async send(method: 'POST' | 'PATCH', path: string, body: object, urgency: Urgency = 'acting'): Promise<unknown> {
    return bodyOf(`${method} ${path}`, ...(await this.answerTo(method, path, { urgency, body })));
  }

  /** Page by page, so that the reader can stop early. Offset paging: an item may come twice while the list moves. */
  async *pages(path: string, query: Readonly<Record<string, string>> = {}): AsyncGenerator<readonly unknown[]> {
    let cursor: string | null = null;
    do {
      const search = new URLSearchParams({ ...query, per_page: String(PER_PAGE), ...(cursor !== null && { cursor }) });
      const call = `${path}?${search.toString()}`;
      // Given up in the middle, the pages that were read are lost and cost their budget again: so only the first call is impatient.
      const patienceMs = cursor === null ? PATIENCE_MS : Infinity;
      const body = bodyOf(`GET ${call}`, ...(await this.answerTo('GET', call, { urgency: 'looking', patienceMs })));
      yield resultsOf(call, body);
      cursor = nextCursor(call, body, cursor);
    } while (cursor !== null);
  }

  private async answerTo(
    method: 'GET' | 'POST' | 'PATCH',
    path: string,
    how: { urgency: Urgency; body?: object; patienceMs?: number },
  ): Promise<[HttpAnswer, number | null]> {
    await this.untilBudgetAllows(how.urgency, how.patienceMs ?? PATIENCE_MS);
    const answer = await this.http.call(method, path, how.body).catch(asUnavailable);
    const retryAfterMs = retryAfterMsOf(answer, Date.now());
    if (answer.status === 429 && retryAfterMs !== null) this.budget.closeFor(retryAfterMs);
    return [answer, retryAfterMs];
  }

  private async untilBudgetAllows(urgency: Urgency, patienceMs: number): Promise<void> {
    for (let waitMs = this.budget.take(urgency); waitMs > 0; waitMs = this.budget.take(urgency)) {
      if (waitMs > patienceMs) throw new TrackerUnavailable('the calls of this minute are used up', Math.ceil(waitMs));
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
}

function asUnavailable(error: unknown): never {
  if (error instanceof NoAnswer) throw new TrackerUnavailable(error.message, error.retryAfterMs, { cause: error });
  throw error;
}

function resultsOf(call: string, body: unknown): readonly unknown[] {
  const results = valueIn(body, 'results');
  if (Array.isArray(results)) return results;
  throw new TrackerUnavailable(`GET ${call} was answered without a list of results`);
}

/** `next_cursor` is there on the last page too, so only `next_page_results` says whether to go on. */
function nextCursor(call: string, body: unknown, current: string | null): string | null {
  if (valueIn(body, 'next_page_results') !== true) return null;
  const next = textIn(body, 'next_cursor');
  if (next !== null && next !== current) return next;
  throw new TrackerUnavailable(`GET ${call} promised a further page without saying where it begins`);
}

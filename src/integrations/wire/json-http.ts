import { Agent, request } from 'undici';
import type { Dispatcher } from 'undici';
import type { Availability } from '../../kernel/outside/availability.js';
import { textIn } from './untrusted.js';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Null when nothing was sent, undefined when what was sent is not JSON. */
  readonly body: unknown;
}

/** Nobody knows whether the other side did what was asked. The sentence names the call, never its headers. */
export class NoAnswer extends Error {
  constructor(
    call: string,
    reason: string,
    readonly retryAfterMs: number | null = null,
  ) {
    super(`${call} got no answer: ${reason}`);
    this.name = 'NoAnswer';
  }
}

const ANSWER_BYTES_MAX = 64 * 1024 * 1024;

/** Asks one server in JSON, within a time limit, without following redirects: a redirected POST loses its body. */
export class JsonHttp {
  private readonly agent = new Agent({ maxResponseSize: ANSWER_BYTES_MAX });

  constructor(
    private readonly server: {
      readonly url: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly timeoutMs: number;
      readonly availability?: Availability;
    },
  ) {}

  /** A server that is down, or asked to be left alone, is not asked: whoever calls hears when it may be again. */
  async call(method: Dispatcher.HttpMethod, path: string, body?: object): Promise<HttpAnswer> {
    const { availability } = this.server;
    const closedForMs = availability?.closedForMs(Date.now()) ?? 0;
    if (closedForMs > 0) throw new NoAnswer(`${method} ${path}`, 'the server is left alone for now', closedForMs);
    try {
      const answer = await this.ask(method, path, body);
      if (availability) judge(availability, answer);
      return answer;
    } catch (error) {
      availability?.unreachable((error as Error).message, Date.now());
      throw error;
    }
  }

  private async ask(method: Dispatcher.HttpMethod, path: string, body?: object): Promise<HttpAnswer> {
    const signal = AbortSignal.timeout(this.server.timeoutMs);
    try {
      const answer = await request(this.server.url + path, { ...this.optionsFor(method, body), signal });
      return { status: answer.statusCode, headers: answer.headers, body: parsed(await answer.body.text()) };
    } catch (error) {
      throw new NoAnswer(
        `${method} ${path}`,
        signal.aborted ? `nothing within ${this.server.timeoutMs} ms` : reasonOf(error),
      );
    }
  }

  private optionsFor(method: Dispatcher.HttpMethod, body: object | undefined) {
    const { headers } = this.server;
    return {
      method,
      dispatcher: this.agent,
      headers: { accept: 'application/json', ...headers, ...(body && { 'content-type': 'application/json' }) },
      body: body ? JSON.stringify(body) : null,
    };
  }
}

const NOT_THERE: readonly number[] = [502, 503, 504];

function judge(availability: Availability, answer: HttpAnswer): void {
  const { status, body } = answer;
  const now = Date.now();
  const retryAfterMs = mayPass(status) ? retryAfterMsOf(answer, now) : null;
  if (retryAfterMs !== null) availability.askedToWait(`answered with ${status}`, retryAfterMs, now);
  else if (NOT_THERE.includes(status)) availability.unreachable(`answered with ${status}`, now);
  else if (status >= 500) availability.failed(`answered with ${status}`, now);
  else if (body === undefined) availability.failed(`answered with ${status} and something that is not JSON`, now);
  else availability.answered();
}

/** How long the other side asks to be left alone; seconds or a date. */
export function retryAfterMsOf(answer: HttpAnswer, nowMs: number): number | null {
  const value = answer.headers['retry-after'];
  if (typeof value !== 'string') return null;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - nowMs;
  return Number.isNaN(ms) ? null : Math.max(0, ms);
}

/** What may be answered differently without anything being changed. */
export function mayPass(status: number): boolean {
  return status >= 500 || status === 408 || status === 425 || status === 429;
}

function reasonOf(error: unknown): string {
  return textIn(error, 'message') ?? textIn(error, 'code') ?? String(error);
}

function parsed(text: string): unknown {
  if (text.trim() === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
